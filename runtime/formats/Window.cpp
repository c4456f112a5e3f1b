//===- Window.cpp - Ranges of a packed matrix -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Window.h"

#include "runtime/formats/Elements.h"

#include <algorithm>
#include <cstring>

namespace sparsec::formats {

static int64_t lineBytes(const ComponentSpec &spec, unsigned elementBytes) {
  int64_t bytes = entryBytes(spec.type, elementBytes);
  for (size_t d = 1; d < spec.shape.size(); ++d)
    bytes *= spec.shape[d];
  return bytes;
}

int64_t Windows::entriesBefore(int64_t outer) const {
  return load<uint32_t>(whole.components.back().data,
                        (outer + cut.granule - 1) / cut.granule);
}

std::vector<ComponentSpec> Windows::componentsOf(int64_t size,
                                                 int64_t entries) const {
  bool rows = cut.outerDim == 0;
  return format->components(rows ? size : whole.rows, rows ? whole.cols : size,
                            entries);
}

std::vector<ComponentSpec> Windows::components(int64_t begin,
                                               int64_t end) const {
  return componentsOf(end - begin, stored(begin, end));
}

int64_t Windows::bytesOf(int64_t size, int64_t entries, int64_t slack) const {
  int64_t sum = 0;
  for (const ComponentSpec &spec : componentsOf(size, entries)) {
    int64_t bytes = lineBytes(spec, whole.elementBytes) * spec.shape[0];
    sum += (bytes + slack - 1) / slack * slack + slack;
  }
  return sum;
}

int64_t Windows::bytes(int64_t begin, int64_t end, int64_t slack) const {
  return bytesOf(end - begin, stored(begin, end), slack);
}

int64_t Windows::mostBytes(int64_t size, int64_t slack) const {
  int64_t most = 0, total = outerSize();
  size = std::min(size, total);
  for (int64_t begin = 0; begin < total; begin += cut.granule)
    most = std::max(most, entriesBefore(std::min(begin + size, total)) -
                              entriesBefore(begin));
  return bytesOf(size, most, slack);
}

void Windows::copy(int64_t begin, int64_t end, size_t index, void *to) const {
  ComponentSpec spec = components(begin, end)[index];
  int64_t line = lineBytes(spec, whole.elementBytes);
  const char *from = static_cast<const char *>(whole.components[index].data);
  if (index + 1 == whole.components.size()) {
    int64_t first = begin / cut.granule;
    for (int64_t i = 0; i < spec.shape[0]; ++i)
      store<uint32_t>(
          to, i, load<uint32_t>(from, first + i) - load<uint32_t>(from, first));
    return;
  }
  // As many lines as entries, or as outer indices.
  bool byEntries =
      format->components(whole.rows, whole.cols, kUnknown)[index].shape[0] ==
      kUnknown;
  from += line * (byEntries ? entriesBefore(begin) : begin);
  if (spec.shape[0] > 0)
    std::memcpy(to, from, size_t(line * spec.shape[0]));
}

} // namespace sparsec::formats
