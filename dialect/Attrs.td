//===- Attrs.td - The formats of the sparsec dialect --------*- tablegen -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each format is explained with the same matrix, 3 rows by 4 columns:
//
//     1 0 0 2
//     0 0 0 0
//     0 3 4 5
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_ATTRS
#define SPARSEC_ATTRS

include "dialect/SparsecBase.td"
include "dialect/Interfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/TensorEncoding.td"

class Sparsec_Format<string name, string attrMnemonic,
                     list<string> overridden = []>
    : AttrDef<Sparsec_Dialect, name,
              [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>,
               DeclareAttrInterfaceMethods<FormatAttrInterface, overridden>]> {
  let mnemonic = attrMnemonic;
  let hasCustomAssemblyFormat = 1;
}

def Sparsec_AutoAttr : Sparsec_Format<"Auto", "auto"> {
  let summary = "a format that has not been chosen yet";
  let description = [{
    Written by `sparsec-from-linalg`, replaced by `sparsec-select-format`. A
    tensor of this format has no component arrays: `storage`, `assemble` and
    `window` refuse it.
  }];
}

def Sparsec_BitmaskAttr : Sparsec_Format<"Bitmask", "bitmask"> {
  let summary = "one bit an element, and the nonzeros in row order";
  let description = [{
    Each row has ceil(cols/64) words of 64 bits; bit k of word w says whether
    column 64*w + k is stored. The last word is padded with zeros. A word is what
    a GCN wavefront loads into EXEC, and a quarter of it is the write mask of an
    AVX-512 expand-load.

    The matrix of this file, as `tensor<3x4xf32, #sparsec.bitmask>`:

    | component | type            | contents            |
    |-----------|-----------------|---------------------|
    | values    | `tensor<5xf32>` | 1, 2, 3, 4, 5       |
    | mask      | `tensor<3x1xi64>` | 0b1001, 0b0000, 0b1110 |
    | offsets   | `tensor<4xi32>` | 0, 2, 2, 5          |

    Row r has the values `offsets[r]` to `offsets[r + 1]`. Stores less than CSR
    with 16-bit indices where more than about one element in 16 is nonzero.
  }];
}

class Sparsec_Indexed<string name, string attrMnemonic,
                      list<string> overridden = []>
    : Sparsec_Format<name, attrMnemonic, overridden> {
  let parameters = (ins "unsigned":$indexBits);
  let genVerifyDecl = 1;
}

def Sparsec_CSRAttr : Sparsec_Indexed<"CSR", "csr"> {
  let summary = "compressed sparse rows";
  let description = [{
    For each nonzero its column, row after row, columns ascending. The index type
    is `i32`, or `i16` (unsigned) for at most 65536 columns:
    `#sparsec.csr<index = i16>`. `#sparsec.csr` means `index = i32`.

    The matrix of this file, as `tensor<3x4xf32, #sparsec.csr<index = i16>>`:

    | component | type            | contents      |
    |-----------|-----------------|---------------|
    | values    | `tensor<5xf32>` | 1, 2, 3, 4, 5 |
    | indices   | `tensor<5xi16>` | 0, 3, 1, 2, 3 |
    | offsets   | `tensor<4xi32>` | 0, 2, 2, 5    |
  }];
}

def Sparsec_CSCAttr : Sparsec_Indexed<"CSC", "csc", ["getOuterDim"]> {
  let summary = "compressed sparse columns";
  let description = [{
    For each nonzero its row, column after column, rows ascending. The index type
    is as for `csr`, with the number of rows as its limit.

    The matrix of this file, as `tensor<3x4xf32, #sparsec.csc<index = i16>>`:

    | component | type            | contents      |
    |-----------|-----------------|---------------|
    | values    | `tensor<5xf32>` | 1, 3, 4, 2, 5 |
    | indices   | `tensor<5xi16>` | 0, 2, 2, 0, 2 |
    | offsets   | `tensor<5xi32>` | 0, 1, 2, 3, 5 |
  }];
}

def Sparsec_BlockAttr : Sparsec_Format<"Block", "block", ["getWindowGranule"]> {
  let summary = "dense square blocks in CSR order";
  let parameters = (ins "unsigned":$size);
  let genVerifyDecl = 1;
  let description = [{
    The matrix is covered by blocks of 4, 8, 16 or 32 rows and as many columns;
    each block that holds a nonzero is stored whole, row-major, and no other.
    Elements of a block outside the matrix are zero.

    The matrix of this file, as `tensor<3x4xf32, #sparsec.block<4x4>>`, is one
    block:

    | component | type               | contents                       |
    |-----------|--------------------|--------------------------------|
    | values    | `tensor<1x4x4xf32>` | 1 0 0 2, 0 0 0 0, 0 3 4 5, 0 0 0 0 |
    | indices   | `tensor<1xi32>`    | 0                              |
    | offsets   | `tensor<2xi32>`    | 0, 1                           |

    Block row r has the blocks `offsets[r]` to `offsets[r + 1]`; `indices` are
    block columns. Zeros inside a stored block take part in products.
  }];
}

#endif // SPARSEC_ATTRS
