//===- SparsecBase.td - The sparsec dialect ----------------*- tablegen -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_BASE
#define SPARSEC_BASE

include "mlir/IR/DialectBase.td"

def Sparsec_Dialect : Dialect {
  let name = "sparsec";
  let cppNamespace = "::sparsec";
  let summary = "Pruned weights in compressed formats, and products with them";
  let description = [{
    A tensor whose type carries one of this dialect's formats as its encoding is
    *compressed*: `tensor<256x512xf32, #sparsec.bitmask>` is a 256x512 matrix of
    which only the nonzeros are stored. A tensor without an encoding is dense.
    `#sparsec.auto` stands for a format that has not been chosen yet; it must be
    gone before lowering.

    Compression is lossless: an element is stored unless all its bits are zero,
    so -0.0, NaN payloads and denormals survive. Skipping an element that is
    +0.0 also skips the products 0*Inf and 0*NaN.

    A model goes through the dialect in four steps: `sparsec-from-linalg` finds
    contractions with a constant operand, `sparsec-select-format` replaces
    `#sparsec.auto` by a format, `sparsec-fuse-epilogue` pulls bias and activation
    into the contraction, `sparsec-pack-weights` turns each constant into the
    component arrays of its format.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let useDefaultAttributePrinterParser = 1;
}

#endif // SPARSEC_BASE
