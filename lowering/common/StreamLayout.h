//===- StreamLayout.h - Windows of weights in the file -------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_STREAMLAYOUT_H
#define SPARSEC_LOWERING_COMMON_STREAMLAYOUT_H

#include "dialect/Ops.h"
#include "runtime/formats/Window.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

namespace sparsec {

/// Where places for windows may begin on a device, and what their size is a
/// multiple of.
inline constexpr int64_t kStreamPlace = 256;

/// A window: a weight of its own, whose arrays are at `arrays` from its start.
struct StreamWindow {
  AssembleOp weight;
  int64_t begin = 0, end = 0; ///< outer indices
  int64_t stored = 0;         ///< entries, or blocks
  int64_t at = 0, bytes = 0;
  llvm::SmallVector<int64_t> arrays;
};

/// The windows of a model's weights, one after the other in one constant.
class StreamLayout {
public:
  /// The number of a window, which is placed behind the others unless it is
  /// there. Fails with a diagnostic if the weight is not constant.
  mlir::FailureOr<size_t> add(AssembleOp weight, int64_t begin, int64_t end);

  const StreamWindow &operator[](size_t number) const {
    return windows[number];
  }
  /// The offsets of a weight that has windows here.
  mlir::ElementsAttr getOffsets(AssembleOp weight) const;
  /// The bytes of the largest window.
  int64_t mostBytes() const;

  /// Adds the constant to the module.
  mlir::FailureOr<mlir::memref::GlobalOp>
  makeConstant(mlir::ModuleOp module) const;

private:
  llvm::MapVector<mlir::Operation *, formats::Windows> weights;
  std::vector<StreamWindow> windows;
  llvm::DenseMap<std::pair<mlir::Operation *, std::pair<int64_t, int64_t>>,
                 size_t>
      numbers;
  int64_t totalBytes = 0;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_STREAMLAYOUT_H
