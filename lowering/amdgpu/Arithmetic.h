//===- Arithmetic.h - Arithmetic of 32 bits in kernels -------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels count in 32 bits: an index has 64, which takes the vector ALU two
// instructions or more.

#ifndef SPARSEC_LOWERING_AMDGPU_ARITHMETIC_H
#define SPARSEC_LOWERING_AMDGPU_ARITHMETIC_H

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace sparsec {

/// Emits unsigned arithmetic at the insertion point of a builder.
class Arithmetic {
public:
  Arithmetic(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}

  mlir::Value constant(int64_t value) const {
    return mlir::arith::ConstantIntOp::create(b, loc, b.getI32Type(), value);
  }
  mlir::Value add(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::AddIOp>(loc, x, y);
  }
  mlir::Value add(mlir::Value x, int64_t y) const {
    return add(x, constant(y));
  }
  mlir::Value sub(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::SubIOp>(loc, x, y);
  }
  mlir::Value mul(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::MulIOp>(loc, x, y);
  }
  mlir::Value mul(mlir::Value x, int64_t y) const {
    return mul(x, constant(y));
  }
  mlir::Value div(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::DivUIOp>(loc, x, y);
  }
  mlir::Value div(mlir::Value x, int64_t y) const {
    return div(x, constant(y));
  }
  mlir::Value rem(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::RemUIOp>(loc, x, y);
  }
  mlir::Value rem(mlir::Value x, int64_t y) const {
    return rem(x, constant(y));
  }
  mlir::Value min(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::MinUIOp>(loc, x, y);
  }
  mlir::Value less(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::CmpIOp>(
        loc, mlir::arith::CmpIPredicate::ult, x, y);
  }
  mlir::Value both(mlir::Value x, mlir::Value y) const {
    return b.createOrFold<mlir::arith::AndIOp>(loc, x, y);
  }
  mlir::Value select(mlir::Value condition, mlir::Value x,
                     mlir::Value y) const {
    return b.createOrFold<mlir::arith::SelectOp>(loc, condition, x, y);
  }
  mlir::Value toIndex(mlir::Value value) const {
    return b.createOrFold<mlir::arith::IndexCastUIOp>(loc, b.getIndexType(),
                                                      value);
  }
  mlir::Value fromIndex(mlir::Value value) const {
    return b.createOrFold<mlir::arith::IndexCastUIOp>(loc, b.getI32Type(),
                                                      value);
  }

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_ARITHMETIC_H
