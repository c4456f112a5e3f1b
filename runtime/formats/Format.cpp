//===- Format.cpp - Compressed matrix formats in memory -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Format.h"

namespace sparsec::formats {

unsigned entryBytes(ComponentType type, unsigned elementBytes) {
  switch (type) {
  case ComponentType::Element:
    return elementBytes;
  case ComponentType::U16:
    return 2;
  case ComponentType::U32:
    return 4;
  case ComponentType::U64:
    return 8;
  }
  return 0;
}

int64_t PackedMatrix::storedBytes() const {
  int64_t bytes = 0;
  for (const Buffer &component : components)
    bytes += component.size();
  return bytes;
}

Work denseWork(const Statistics &stats) {
  return {stats.rows, 0, stats.elements()};
}

PackedView::PackedView(const PackedMatrix &matrix)
    : rows(matrix.rows), cols(matrix.cols), elementBytes(matrix.elementBytes) {
  for (const Buffer &component : matrix.components)
    components.push_back({component.data(), component.size()});
}

} // namespace sparsec::formats
