//===- WaveKernel.h - What kernels on waves share ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_WAVEKERNEL_H
#define SPARSEC_LOWERING_AMDGPU_WAVEKERNEL_H

#include "lowering/common/StoredWeight.h"

namespace sparsec {

inline constexpr int64_t kLanes = 64;
inline constexpr int64_t kComputeUnits = 36;
inline constexpr int64_t kSimds = 4 * kComputeUnits;
/// A product with fewer columns would leave most lanes idle if lanes were its
/// columns.
inline constexpr int64_t kLeastColumns = 16;

/// Takes one product and writes a launch in its place.
class WaveKernel {
public:
  WaveKernel(MatmulOp op, bool strict)
      : op(op), loc(op.getLoc()), b(op), strict(strict) {}
  virtual ~WaveKernel() = default;

  /// Whether the product is one that this kernel is for.
  virtual bool matches() = 0;
  virtual mlir::LogicalResult run() = 0;

protected:
  using Body = llvm::function_ref<void(mlir::OpBuilder &, mlir::Location,
                                       mlir::Value groupX, mlir::Value groupY,
                                       mlir::Value wave)>;

  /// Which operand is the weight, and what is summed over; false where none is
  /// compressed or the product is not bufferized.
  bool findRoles();
  /// x is one column: a vector, or a contiguous matrix with one row or column
  /// whose elements are within reach of 32 bits.
  bool isVector();
  /// x as a vector.
  mlir::Value asVector();
  mlir::FailureOr<StoredWeight> findWeight();
  /// As it is seen in the counts of a run: "gemv_csr".
  std::string nameOf(llvm::StringRef kernel);

  /// How many elements of this type offsets of 32 bits reach.
  static int64_t mostElements(mlir::MemRefType type);

  /// How many of all waves make a workgroup: the more there are, the more share
  /// what the L1 holds of x, as long as all compute units have some.
  static int64_t chooseWaves(int64_t all);
  /// A launch of workgroups of so many waves; `body` gets the numbers of the
  /// workgroup and of the wave in it as scalars of 32 bits. A
  /// workgroup has so many f32 and i32 in LDS: `shared`, `sharedNumbers`.
  void launchWaves(llvm::StringRef name, mlir::Value groupsX,
                   mlir::Value groupsY, int64_t waves, Body body,
                   int64_t floats = 0, int64_t numbers = 0);

  mlir::Value i32(mlir::OpBuilder &b, int64_t value);
  mlir::Value f32Zero(mlir::OpBuilder &b);
  mlir::Value toIndex(mlir::OpBuilder &b, mlir::Value value);
  mlir::Value toI32(mlir::OpBuilder &b, mlir::Value value);
  /// Sums, products and comparisons of 32 bits.
  mlir::Value add(mlir::OpBuilder &b, mlir::Value x, mlir::Value y);
  mlir::Value add(mlir::OpBuilder &b, mlir::Value x, int64_t y);
  mlir::Value mul(mlir::OpBuilder &b, mlir::Value x, int64_t y);
  mlir::Value less(mlir::OpBuilder &b, mlir::Value x, mlir::Value y);
  mlir::Value intrinsic(mlir::OpBuilder &b, mlir::Type type,
                        llvm::StringRef name, mlir::ValueRange values);
  /// A memref that is read by buffer_load: offsets of 32 bits, and zero beyond
  /// its end.
  mlir::Value toBuffer(mlir::OpBuilder &b, mlir::Value memref);

  /// The number of the wave in its workgroup, as a scalar.
  mlir::Value emitWaveNumber(mlir::OpBuilder &b, mlir::Value item);
  /// The number of the lane in its wave.
  mlir::Value emitLane(mlir::OpBuilder &b);
  /// Keeps what lanes do before it before what other lanes of the wave do after
  /// it. Costs nothing.
  void waveBarrier(mlir::OpBuilder &b);
  /// The f32 or i32 of one lane, the same for all, as a scalar.
  mlir::Value readLane(mlir::OpBuilder &b, mlir::Value value, mlir::Value lane);
  /// The same of the first lane that is on.
  mlir::Value readFirstLane(mlir::OpBuilder &b, mlir::Value value);
  mlir::Value multiplyAdd(mlir::OpBuilder &b, mlir::Value sum, mlir::Value x,
                          mlir::Value y);
  /// Where the result of row `o` and column `c` is.
  llvm::SmallVector<mlir::Value> resultAt(mlir::OpBuilder &b, mlir::Value o,
                                          mlir::Value c);
  void storeResult(mlir::OpBuilder &b, mlir::Value sum,
                   mlir::ValueRange position);
  /// The same, with what the result was added where it counts.
  void storeSum(mlir::OpBuilder &b, mlir::Value sum, mlir::ValueRange position);

  MatmulOp op;
  mlir::Location loc;
  mlir::OpBuilder b;
  bool strict;
  bool weightFirst = true;
  mlir::RankedTensorType weightType;
  bool sumsInner = false; ///< the reduction is the format's inner dimension
  mlir::Value x;          ///< the operand that is not the weight
  bool xSwapped = false;  ///< x is [columns, k]
  mlir::Value shared, sharedNumbers;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_WAVEKERNEL_H
