//===- Dialect.cpp - Registration of the sparsec dialect ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Dialect.h"

#include "dialect/Attrs.h"
#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sparsec;

#include "dialect/Dialect.cpp.inc"

// Stays beside the list that registers them: the generated parsers of the
// attributes are static to one file.
#define GET_ATTRDEF_CLASSES
#include "dialect/Attrs.cpp.inc"

void SparsecDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/Ops.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/Attrs.cpp.inc"
      >();
}
