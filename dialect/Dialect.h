//===- Dialect.h - The sparsec dialect ------------------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_DIALECT_DIALECT_H
#define SPARSEC_DIALECT_DIALECT_H

#include "mlir/IR/Dialect.h"

#include "dialect/Dialect.h.inc"

#endif // SPARSEC_DIALECT_DIALECT_H
