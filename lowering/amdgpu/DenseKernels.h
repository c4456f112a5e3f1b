//===- DenseKernels.h - Kernels that multiply dense matrices -- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by the pass sparsec-amdgpu-kernels.

#ifndef SPARSEC_LOWERING_AMDGPU_DENSEKERNELS_H
#define SPARSEC_LOWERING_AMDGPU_DENSEKERNELS_H

#include "dialect/Ops.h"
#include "lowering/amdgpu/Kernels.h"
#include "lowering/amdgpu/TiledProduct.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <array>

namespace sparsec {

/// A dense factor of a product, whose rows follow k if `depthFirst`.
TileFactor makeMatrix(mlir::OpBuilder &b, mlir::Location loc,
                      mlir::Value memref, bool depthFirst);
/// The result of a product, with its epilogue.
TileResult makeResult(mlir::OpBuilder &b, MatmulOp op);

/// Two dense matrices, on tiles.
class DenseGemm : public WaveKernel {
public:
  using WaveKernel::WaveKernel;

  bool matches() override;
  mlir::LogicalResult run() override;
};

/// A dense matrix, whose rows are summed over, and one column, a wave a row.
class DenseGemv : public WaveKernel {
public:
  using WaveKernel::WaveKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  void emitRow(mlir::OpBuilder &b, mlir::Value row, mlir::Value elements);

  mlir::Value matrix;
};

/// A bitmask weight with few zeros and a matrix, on tiles.
class BitmaskGemm : public BitmaskKernel {
public:
  using BitmaskKernel::BitmaskKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  StoredWeight weight;
};

struct ConvolutionShape {
  /// Sizes of the input or the result, and the distance of neighbours.
  struct Image {
    int64_t channels, height, width;
    int64_t toChannel, toRow, toColumn;
  };

  Image input, output;
  int64_t filterHeight, filterWidth;
  std::array<int64_t, 2> strides, dilations; ///< of rows, of columns
  bool channelsFirst; ///< images are [batch, channel, row, column]
  bool filtersLast;   ///< weights are [k, filter]
};

/// A convolution of two dimensions as the product of its filters with the
/// patches of the input, which are never written out.
class Convolution {
public:
  Convolution(mlir::linalg::LinalgOp op, bool strict)
      : op(op), loc(op.getLoc()), b(op), strict(strict) {}

  /// Whether the operation is one that this kernel is for.
  bool matches();
  void run();

private:
  TileFactor makePatches();
  TileFactor makeFilters();
  TileResult makeResult();
  mlir::Value patchOffset(mlir::OpBuilder &b, mlir::Value patch);
  mlir::Value tapOffset(mlir::OpBuilder &b, mlir::Value k);

  mlir::linalg::LinalgOp op;
  mlir::Location loc;
  mlir::OpBuilder b;
  bool strict;
  ConvolutionShape shape;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_DENSEKERNELS_H
