//===- DevicePlan.h - Where the buffers of an entry lie ------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_DEVICEPLAN_H
#define SPARSEC_LOWERING_COMMON_DEVICEPLAN_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace sparsec {

/// Offsets in one piece of device memory.
struct DevicePlan {
  llvm::SmallVector<int64_t> offsets; ///< of each allocation, in its order
  int64_t bytes = 0;
};

/// Places allocations of known size, all in one block, so that those whose
/// lifetimes overlap do not. Kernels run one after the other, so a buffer may
/// take the place of one that an earlier kernel was the last to use.
DevicePlan planBuffers(llvm::ArrayRef<mlir::memref::AllocOp> allocations);

/// The last operation of the allocation's block that may use the buffer,
/// through whatever name; the terminator where a name is lost.
mlir::Operation *findLastUse(mlir::memref::AllocOp allocation);

/// The bytes of a memref of known size.
int64_t getByteSize(mlir::MemRefType type);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_DEVICEPLAN_H
