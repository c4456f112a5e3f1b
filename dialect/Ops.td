//===- Ops.td - The operations of the sparsec dialect -------*- tablegen -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_OPS
#define SPARSEC_OPS

include "dialect/Attrs.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"
include "mlir/IR/OpBase.td"

class Sparsec_Op<string mnemonic, list<Trait> traits = []>
    : Op<Sparsec_Dialect, mnemonic, traits>;

/// A matrix with one of the dialect's formats as its encoding.
def Sparsec_Compressed
    : Type<And<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">,
                CPred<"::llvm::isa_and_nonnull<::sparsec::FormatAttrInterface>("
                      "::llvm::cast<::mlir::RankedTensorType>($_self)"
                      ".getEncoding())">]>,
           "tensor with a sparsec format as its encoding",
           "::mlir::RankedTensorType">;

def Sparsec_Dense
    : Type<And<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">,
                CPred<"!::llvm::cast<::mlir::RankedTensorType>($_self)"
                      ".getEncoding()">]>,
           "tensor without an encoding", "::mlir::RankedTensorType">;

def Sparsec_Operand
    : Type<Or<[Sparsec_Compressed.predicate, Sparsec_Dense.predicate,
               AnyStridedMemRef.predicate]>,
           "compressed tensor, dense tensor or memref", "::mlir::ShapedType">;

def Sparsec_DenseOperand
    : Type<Or<[Sparsec_Dense.predicate, AnyStridedMemRef.predicate]>,
           "dense tensor or memref", "::mlir::ShapedType">;

//===----------------------------------------------------------------------===//
// Between dense and compressed
//===----------------------------------------------------------------------===//

def Sparsec_CompressOp : Sparsec_Op<"compress", [Pure]> {
  let summary = "gives a dense matrix a compressed format";
  let description = [{
    Stores the elements whose bits are not all zero. The shape and the element
    type stay.

    ```mlir
    %c = sparsec.compress %w
        : tensor<256x512xf32> to tensor<256x512xf32, #sparsec.csr<index = i16>>
    ```
  }];
  let arguments = (ins Sparsec_Dense:$dense);
  let results = (outs Sparsec_Compressed:$compressed);
  let assemblyFormat =
      "$dense attr-dict `:` type($dense) `to` type($compressed)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def Sparsec_DecompressOp : Sparsec_Op<"decompress", [Pure]> {
  let summary = "expands a compressed matrix";
  let description = [{
    Every element comes back bit by bit: a stored one as it was, any other as
    +0.0.

    ```mlir
    %d = sparsec.decompress %c
        : tensor<256x512xf32, #sparsec.bitmask> to tensor<256x512xf32>
    ```
  }];
  let arguments = (ins Sparsec_Compressed:$compressed);
  let results = (outs Sparsec_Dense:$dense);
  let assemblyFormat =
      "$compressed attr-dict `:` type($compressed) `to` type($dense)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Sparsec_ExpandOp : Sparsec_Op<"expand"> {
  let summary = "writes a compressed matrix to a buffer, expanded";
  let description = [{
    What bufferization makes of `decompress`. Every element of the buffer is
    written. Targets have a kernel for it, and the runtime is told how many bytes
    are held so.

    ```mlir
    sparsec.expand %c into %buffer
        : tensor<64x512xf32, #sparsec.bitmask> into memref<64x512xf32>
    ```
  }];
  let arguments = (ins Sparsec_Compressed:$compressed,
                       Arg<AnyStridedMemRef, "the elements", [MemWrite]>:$target);
  let assemblyFormat = [{
    $compressed `into` $target attr-dict
    `:` type($compressed) `into` type($target)
  }];
  let hasVerifier = 1;
}

def Sparsec_ConvertOp : Sparsec_Op<"convert", [Pure]> {
  let summary = "changes the format of a compressed matrix";
  let description = [{
    The same matrix in another format; no dense copy is made.

    ```mlir
    %t = sparsec.convert %c : tensor<256x512xf32, #sparsec.csr>
                           to tensor<256x512xf32, #sparsec.csc>
    ```
  }];
  let arguments = (ins Sparsec_Compressed:$source);
  let results = (outs Sparsec_Compressed:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Sparsec_StorageOp : Sparsec_Op<"storage", [Pure]> {
  let summary = "the component arrays of a compressed matrix";
  let description = [{
    One result for each component of the format, in the format's order. The
    number of stored entries may be static or dynamic in the result types.

    ```mlir
    %values, %indices, %offsets = sparsec.storage %c
        : tensor<3x4xf32, #sparsec.csr<index = i16>>
        to tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
    ```
  }];
  let arguments = (ins Sparsec_Compressed:$compressed);
  let results = (outs Variadic<Sparsec_Dense>:$components);
  let assemblyFormat =
      "$compressed attr-dict `:` type($compressed) `to` type($components)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sparsec_AssembleOp : Sparsec_Op<"assemble", [Pure]> {
  let summary = "a compressed matrix from its component arrays";
  let description = [{
    The inverse of `storage`. The arrays must be valid for the format: offsets
    that start at 0, do not fall and end at the number of entries, indices in
    range and ascending, mask bits that agree with the offsets. Constant arrays
    are checked by `sparsec-pack-weights`; for others it is a promise.

    ```mlir
    %c = sparsec.assemble %values, %indices, %offsets
        : tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
        to tensor<3x4xf32, #sparsec.csr<index = i16>>
    ```
  }];
  let arguments = (ins Variadic<Sparsec_Dense>:$components);
  let results = (outs Sparsec_Compressed:$compressed);
  let assemblyFormat =
      "$components attr-dict `:` type($components) `to` type($compressed)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sparsec_WindowOp : Sparsec_Op<"window", [Pure]> {
  let summary = "a range of rows (or columns) of a compressed matrix";
  let description = [{
    The rows `[offset, offset + size)` for a row-wise format, the columns for a
    column-wise one; itself compressed in the same format. The size is that of
    the result type, or the second index where the result type leaves it open.
    For `block`, the offset is a multiple of the block size.

    ```mlir
    %rows = sparsec.window %w[%i]
        : tensor<1024x512xf32, #sparsec.csr> to tensor<128x512xf32, #sparsec.csr>
    %tail = sparsec.window %w[%i, %n]
        : tensor<1024x512xf32, #sparsec.csr> to tensor<?x512xf32, #sparsec.csr>
    ```
  }];
  let arguments = (ins Sparsec_Compressed:$source, Index:$offset,
                       Optional<Index>:$size);
  let results = (outs Sparsec_Compressed:$result);
  let assemblyFormat = [{
    $source `[` $offset (`,` $size^)? `]` attr-dict
    `:` type($source) `to` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

def Sparsec_MatmulOp
    : Sparsec_Op<"matmul", [DestinationStyleOpInterface,
                            DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
                            DeclareOpInterfaceMethods<
                                TilingInterface,
                                ["getLoopIteratorTypes", "getIterationDomain",
                                 "getTiledImplementation",
                                 "getResultTilePosition",
                                 "generateResultTileValue"]>,
                            SingleBlock]> {
  let summary = "a matrix product with a compressed or dense weight";
  let description = [{
    `init + op(lhs) * op(rhs)`, where `op` transposes the operand that
    `transpose_lhs` or `transpose_rhs` names. With `zero_init` the elements of
    `outs` are not read and count as +0.0. Either operand may be compressed,
    but not both. A dense operand may be a vector: `matrix x vector` and
    `vector x matrix`; the result is then a vector.

    Operands may be f32, f16, bf16 or i8, which are widened exactly. Products are
    accumulated in f32, starting from the element of `outs`, and rounded to the
    result's type at the end. With `outs` of i32 both operands are i8, and
    products are accumulated in i32, exactly but for what overflows it, which
    wraps.

    The optional epilogue is applied to each element of the result after the
    accumulation: its first argument is the f32 (or i32) sum, the others are
    elements of
    the epilogue operands, found through one affine map each (from the result's
    dimensions to the operand's). It yields the element to store.

    ```mlir
    %y = sparsec.matmul transpose_rhs
        ins(%x, %w : tensor<?x512xf32>, tensor<256x512xf32, #sparsec.bitmask>)
        outs(%zero : tensor<?x256xf32>)
        epilogue (%bias : tensor<256xf32>) [affine_map<(d0, d1) -> (d1)>] {
      ^bb0(%sum: f32, %b: f32):
        %0 = arith.addf %sum, %b : f32
        %1 = arith.maximumf %0, %c0 : f32
        sparsec.yield %1 : f32
    } -> tensor<?x256xf32>
    ```
  }];
  let arguments = (ins Sparsec_Operand:$lhs, Sparsec_Operand:$rhs,
                       Sparsec_DenseOperand:$init,
                       Variadic<Sparsec_DenseOperand>:$epilogueOperands,
                       UnitAttr:$transpose_lhs, UnitAttr:$transpose_rhs,
                       UnitAttr:$zero_init, OptionalAttr<AffineMapArrayAttr>:$epilogueMaps);
  let results = (outs Optional<Sparsec_Dense>:$result);
  let regions = (region MaxSizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    (`transpose_lhs` $transpose_lhs^)? (`transpose_rhs` $transpose_rhs^)?
    (`zero_init` $zero_init^)?
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    `outs` `(` $init `:` type($init) `)`
    (`epilogue` custom<EpilogueOperands>($epilogueOperands,
                                         type($epilogueOperands), $epilogueMaps)
     $epilogue^)?
    attr-dict (`->` type($result)^)?
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs,
                   "::mlir::Value":$init, CArg<"bool", "false">:$transposeLhs,
                   CArg<"bool", "false">:$transposeRhs)>
  ];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
    /// 0 if lhs is compressed, 1 if rhs is, none if both are dense.
    std::optional<unsigned> getCompressedOperand();
    /// Sizes of the product as written, after transposition. A vector counts as
    /// one row (lhs) or one column (rhs). kDynamic where unknown.
    int64_t getM();
    int64_t getN();
    int64_t getK();
    /// What products are accumulated in: i32 for a result of i32, else f32.
    ::mlir::Type getSumType();
    /// The loop, as TilingInterface counts them, that walks a dimension of lhs
    /// (operand 0) or rhs (1).
    unsigned getLoopOf(unsigned operand, int64_t dim);
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// The same product of other operands, tensors or memrefs.
    ::sparsec::MatmulOp cloneWith(::mlir::OpBuilder &builder,
                                  ::mlir::ValueRange operands);
    bool isTensorForm() { return getResult() != nullptr; }
  }];
}

def Sparsec_YieldOp : Sparsec_Op<"yield", [Pure, ReturnLike, Terminator,
                                          ParentOneOf<["MatmulOp"]>]> {
  let summary = "the element that an epilogue stores";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // SPARSEC_OPS
