//===- Spread.h - Packed values over the lanes of a mask ------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The next values of a packed array go to the lanes whose bits are set: lane i
// takes value number rank(i), the set bits below i. AVX-512 does that in one
// instruction. AVX2 permutes a register by a vector of lane numbers, which a
// table gives for each of the 256 masks.

#ifndef SPARSEC_LOWERING_COMMON_SPREAD_H
#define SPARSEC_LOWERING_COMMON_SPREAD_H

#include "lowering/common/Cursor.h"

#include "mlir/IR/BuiltinOps.h"

namespace sparsec {

/// How the target spreads values, and over how many lanes at a time.
enum class Spread { None, Permute, Expand };

Spread getSpread(const VectorUnit &unit);
/// 0 for None.
int64_t getSpreadLanes(Spread spread);

struct SpreadValues {
  mlir::Value values; ///< lanes of the sum's type, zero where the bit is clear
  mlir::Value mask;   ///< the bits as a vector of i1
};

/// Emits the spread of `array[position...]` under `bits`, an integer with a bit
/// a lane, widened to `sum`, of 32 bits. Reads a whole vector of the array,
/// which has that much slack behind its end.
SpreadValues spreadValues(mlir::OpBuilder &builder, mlir::Location loc,
                          Spread spread, mlir::Type sum, mlir::Value array,
                          mlir::Value position, mlir::Value bits);

/// Adds the table that the code of spreadValues refers to, if it does.
void addSpreadTable(mlir::ModuleOp module);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_SPREAD_H
