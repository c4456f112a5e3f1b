//===- DeviceCalls.h - Calls of the runtime that drive a device - *- C++
//-*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_DEVICECALLS_H
#define SPARSEC_LOWERING_COMMON_DEVICECALLS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

namespace sparsec {

/// The symbol of the first byte of a model's weights.
inline constexpr llvm::StringLiteral kWeightsSymbol = "sparsec_weights";

/// The symbol of the constant with the windows that are brought to a device
/// when they are needed.
inline constexpr llvm::StringLiteral kStreamSymbol = "sparsec_stream";

/// Emits calls of the functions that sparsec/abi.h declares. Addresses on the
/// device and tickets are i64.
class DeviceCalls {
public:
  explicit DeviceCalls(mlir::ModuleOp module) : module(module) {}

  mlir::Value allocate(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::Value bytes);
  mlir::Value weights(mlir::OpBuilder &b, mlir::Location loc);
  /// `host` is an address too.
  mlir::Value copyIn(mlir::OpBuilder &b, mlir::Location loc, mlir::Value to,
                     mlir::Value host, mlir::Value bytes, mlir::Value after);
  mlir::Value copyOut(mlir::OpBuilder &b, mlir::Location loc, mlir::Value host,
                      mlir::Value from, mlir::Value bytes, mlir::Value after);
  /// `from` is an address in the model's weights.
  void stream(mlir::OpBuilder &b, mlir::Location loc, mlir::Value to,
              mlir::Value from, mlir::Value bytes);
  /// `grid` and `group` are pointers to three i32.
  mlir::Value launch(mlir::OpBuilder &b, mlir::Location loc, uint32_t kernel,
                     mlir::Value grid, mlir::Value group, mlir::Value arguments,
                     mlir::Value argumentBytes, mlir::Value after);
  /// Ends the run with a message.
  void fail(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef name,
            llvm::StringRef message);

private:
  mlir::Value call(mlir::OpBuilder &b, mlir::Location loc, llvm::StringRef name,
                   mlir::ValueRange arguments, bool result = true);

  mlir::ModuleOp module;
};

/// An i64 as a pointer of the host.
mlir::Value toPointer(mlir::OpBuilder &b, mlir::Location loc,
                      mlir::Value address);
mlir::Value createI64(mlir::OpBuilder &b, mlir::Location loc, int64_t value);
/// The address of the first element of a memref, as i64.
mlir::Value getAddress(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::Value memref);
/// The contiguous memref at an address on the device. Code of the host never
/// reads through it: it stands for what kernels get.
mlir::Value makeMemref(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::Value address, mlir::MemRefType type,
                       mlir::ValueRange dynamicSizes);
/// The bytes of a contiguous memref as i64.
mlir::Value computeBytes(mlir::OpBuilder &b, mlir::Location loc,
                         mlir::MemRefType type, mlir::ValueRange dynamicSizes);
/// The descriptor of a memref or the value itself, as the kernel's arguments.
mlir::Value toArgument(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::Value value);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_DEVICECALLS_H
