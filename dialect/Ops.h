//===- Ops.h - The operations of the sparsec dialect ---------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_DIALECT_OPS_H
#define SPARSEC_DIALECT_OPS_H

#include "dialect/Attrs.h"
#include "dialect/Dialect.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

#define GET_OP_CLASSES
#include "dialect/Ops.h.inc"

namespace sparsec {

/// Whether a product takes operands of this element type: f32, f16, bf16, i8.
bool isWeightType(mlir::Type type);

/// Whether the component arrays of a compressed tensor are at hand: `assemble`,
/// or a window of one. Kernels read such a weight as it is.
bool isPacked(mlir::Value weight);

} // namespace sparsec

#endif // SPARSEC_DIALECT_OPS_H
