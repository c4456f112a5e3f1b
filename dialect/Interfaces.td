//===- Interfaces.td - What every format answers ------------*- tablegen -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_INTERFACES
#define SPARSEC_INTERFACES

include "mlir/IR/OpBase.td"

def FormatAttrInterface : AttrInterface<"FormatAttrInterface"> {
  let cppNamespace = "::sparsec";
  let description = [{
    A compressed format, as the encoding of a ranked tensor type. How a format
    lies in memory is known to `runtime/formats` alone; an attribute names it and
    answers what the compiler asks about types.
  }];
  let methods = [
    InterfaceMethod<[{
        The layout: packs, expands, converts and validates component arrays.
        Null for a format that stands for no layout (`#sparsec.auto`).
      }],
      "::sparsec::formats::FormatPtr", "getLayout">,
    InterfaceMethod<[{
        The dimension along which the format is cut into windows: 0 where rows
        are stored one after the other, 1 where columns are.
      }],
      "unsigned", "getOuterDim", (ins), "", "return 0;">,
    InterfaceMethod<[{
        A window must start at a multiple of this many rows (or columns).
      }],
      "int64_t", "getWindowGranule", (ins), "", "return 1;">,
  ];
  let extraSharedClassDeclaration = [{
    /// Whether this is a chosen format, so that its component arrays are known.
    bool isConcrete() { return $_attr.getLayout() != nullptr; }
  }];
}

#endif // SPARSEC_INTERFACES
