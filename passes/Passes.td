//===- Passes.td - Finding, choosing and packing weights ----*- tablegen -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES
#define SPARSEC_PASSES

include "mlir/Pass/PassBase.td"

def FromLinalg : Pass<"sparsec-from-linalg", "::mlir::ModuleOp"> {
  let summary = "turn contractions with a constant weight into sparsec.matmul";
  let description = [{
    Run first. Finds linalg operations on tensors that multiply a matrix known at
    compile time, of floats or i8, with something else, in floating point or
    (i8 by i8) in i32: `linalg.matmul` in every
    transposed form, `matvec`, `vecmat`, `batch_matmul` whose weight is the same
    for the whole batch, and any `linalg.generic` with the same meaning. The
    weight may be on either side; a transpose or broadcast of it is absorbed.
    It becomes `sparsec.compress` to the format `#sparsec.auto`.

    Batch dimensions are folded into the rows of the other operand. Contractions
    that do not fit stay as they are.

    ```mlir
    %t = linalg.transpose ins(%w : tensor<10x64xf32>)
                          outs(%e : tensor<64x10xf32>) permutation = [1, 0]
    %y = linalg.matmul ins(%x, %t : tensor<?x64xf32>, tensor<64x10xf32>)
                       outs(%zero : tensor<?x10xf32>) -> tensor<?x10xf32>
    ```

    becomes

    ```mlir
    %c = sparsec.compress %w : tensor<10x64xf32>
                            to tensor<10x64xf32, #sparsec.auto>
    %y = sparsec.matmul transpose_rhs
           ins(%x, %c : tensor<?x64xf32>, tensor<10x64xf32, #sparsec.auto>)
           outs(%zero : tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let dependentDialects = ["::sparsec::SparsecDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numConverted", "converted", "Contractions converted">,
    Statistic<"numLeft", "left",
              "Contractions left: no constant matrix, or types or maps that "
              "sparsec.matmul does not take">,
  ];
}

def FromConvolutions : Pass<"sparsec-from-convolutions", "::mlir::ModuleOp"> {
  let summary = "turn convolutions with a sparse filter into sparsec.matmul";
  let description = [{
    Run between `sparsec-from-linalg` and `sparsec-select-format`. `conv_2d_nchw_fchw`,
    `conv_2d_nhwc_hwcf` and `conv_2d_nhwc_fhwc` whose filter is a constant with a density
    of at most `max-density` become products of the filter, as a matrix, with patches of
    the image (im2col); with a kernel of 1x1 and strides of 1 the image is its own
    patches. All sizes but that of the batch are known. Patches are those of one image:
    more are a loop, which leaves the threads to each image's product: with less than
    `image-work` to share the convolution stays. Sums have the order of the convolution,
    so with a result of f32 strict mode has its bits, but that -0.0 in `outs` stays where
    all products of a sum are skipped. Into f16 and bf16 it rounds once, and not after
    each addition.

    Denser filters, groups and channels of their own (depthwise) stay convolutions, whose
    loops read patches where they are.

    ```mlir
    %y = linalg.conv_2d_nchw_fchw
           ins(%x, %w : tensor<1x64x58x58xf32>, tensor<32x64x3x3xf32>)
           outs(%z : tensor<1x32x56x56xf32>) -> tensor<1x32x56x56xf32>
    ```

    becomes, between reshapes,

    ```mlir
    %p = linalg.generic ... ins(%x) outs(...)  // [64, 3, 3, 56, 56]
    %c = sparsec.compress %w : tensor<32x576xf32>
                            to tensor<32x576xf32, #sparsec.auto>
    %y = sparsec.matmul ins(%c, %p : tensor<32x576xf32, #sparsec.auto>,
                                     tensor<576x3136xf32>)
                        outs(%z : tensor<32x3136xf32>) -> tensor<32x3136xf32>
    ```
  }];
  let dependentDialects = ["::sparsec::SparsecDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"maxDensity", "max-density", "double", "0.5",
           "The largest fraction of a filter's elements that are not +0.0">,
    Option<"patchBytes", "patch-bytes", "int64_t", "0",
           "The most bytes of the patches of an image; 0 for any number">,
    Option<"imageWork", "image-work", "int64_t", "0",
           "The least multiply-adds of an image, if there may be several">,
  ];
  let statistics = [
    Statistic<"numConverted", "converted", "Convolutions converted">,
  ];
}

def EliminateDeadChannels
    : Pass<"sparsec-eliminate-dead-channels", "::mlir::ModuleOp"> {
  let summary = "remove rows and columns of weights that change nothing";
  let description = [{
    Run between `sparsec-from-linalg` and `sparsec-select-format`. Between two
    products, elementwise operations (a bias, an activation) compute each output
    of the first, a channel, on its own. A channel is dead, and its row of the
    weight before, its column of the weight behind and its elements of the
    constants between are removed, if

    - no weight behind has a nonzero in its column: nobody reads it; or
    - the weight before has none in its row, so that the sum is +0.0; what the
      operations between make of that is a zero of either sign, by evaluating
      their `arith` operations; and the columns behind are finite.

    In both cases the terms that go are zeros, and a sum that starts from +0.0
    and gains a zero stays as it is: strict mode gives the same bits. A row
    whose bias makes it another constant stays: to add that to the next bias
    would round in another order. An element that is -0.0 is not a zero here,
    since -0.0 x Inf is NaN. As in compressed formats, a zero that is skipped
    skips 0 x Inf.

    Chains end where the result is returned, reshaped, or meets a tensor that
    is not a constant; sums that start from something else than a fill with
    +0.0 are left alone. What was removed is noted as `removed_rows`,
    `removed_cols` and `removed_nonzeros` in the attribute of the weight.

    ```mlir
    %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32>
    %v = arith.constant dense<[[3.0, 4.0]]> : tensor<1x2xf32>
    %0 = sparsec.matmul ins(%cw, %x : ...) outs(%zero : tensor<2xf32>)
    %1 = sparsec.matmul ins(%cv, %0 : ...) outs(%none : tensor<1xf32>)
    ```

    computes, without the second channel,

    ```mlir
    %w = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
    %v = arith.constant dense<3.0> : tensor<1x1xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numRemoved", "removed", "Channels removed">,
  ];
}

def Prune : Pass<"sparsec-prune", "::mlir::ModuleOp"> {
  let summary = "set the least elements of constant weights to zero";
  let description = [{
    Run after `sparsec-from-linalg`, and before `sparsec-eliminate-dead-channels`,
    which removes the channels that are empty then. It is lossy, and no pipeline
    runs it unless told to.

    Prunes each weight by itself: the constants of floats or i8 that
    `sparsec.compress` takes, and those that contractions and convolutions of
    linalg read directly. Elements are chosen as by `sparsec.prune` in Python:

    | mode        | drops                                                     |
    |-------------|-----------------------------------------------------------|
    | `magnitude` | the elements of least magnitude; with `threshold`, those whose magnitude is at most that |
    | `row`, `column` | whole rows or columns of a matrix                     |
    | `channel`   | whole slices along the first dimension                    |
    | `block`     | whole blocks of a matrix, cut off at its edges            |
    | `nm`        | of each `m` consecutive elements of the last dimension all but the `n` of largest magnitude |

    Rows, columns, channels and blocks go in the order of the sum of their
    squares. Of N of them, or of N elements, `ceil(sparsity * N)` are dropped;
    of equal ones those that come first. NaN counts as larger than any number.
    Dimensions are those of the constant: a weight that is multiplied from the
    right has its outputs as columns.

    A weight that is no matrix is left, with a remark, where the mode is for
    matrices. A last dimension that `m` does not divide is an error.

    ```mlir
    %w = arith.constant dense<[[1.0, -3.0], [0.5, 2.0]]> : tensor<2x2xf32>
    ```

    becomes, with `sparsity=0.5`,

    ```mlir
    %w = arith.constant dense<[[0.0, -3.0], [0.0, 2.0]]> : tensor<2x2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [
    Option<"mode", "mode", "std::string", /*default=*/"\"magnitude\"",
           "magnitude, row, column, channel, block or nm">,
    Option<"sparsity", "sparsity", "double", "0.9",
           "The fraction of elements, rows, columns, channels or blocks to drop">,
    Option<"threshold", "threshold", "double", "-1",
           "Drop magnitudes of at most this, whatever fraction that is; -1 for "
           "not">,
    Option<"block", "block", "int64_t", "8", "Rows and columns of a block">,
    Option<"n", "n", "int64_t", "2", "Elements of each m to keep">,
    Option<"m", "m", "int64_t", "4", "Elements to choose from">,
  ];
  let statistics = [
    Statistic<"numPruned", "pruned", "Weights pruned">,
    Statistic<"numElements", "elements", "Elements dropped, or zero before">,
    Statistic<"numLeft", "left", "Weights left: they are no matrices">,
  ];
}

def Quantize : Pass<"sparsec-quantize", "::mlir::ModuleOp"> {
  let summary = "store constant weights as int8, with a scale a channel";
  let description = [{
    Run between `sparsec-from-linalg` and `sparsec-select-format`; behind
    `sparsec-eliminate-dead-channels` if that is run. It is lossy, and no
    pipeline runs it unless told to.

    The constant weight of a product becomes one of i8, symmetric, with a scale
    for each output of the product, a channel: `max|w| / 127`, or 1 for a
    channel of zeros. An element is `w / scale`, rounded to the nearest integer,
    ties to even; all of that in f32, which gives the numbers of
    `sparsec.quantize` in Python. Zeros stay zeros, and elements that round to
    zero are stored no more.

    The sum is multiplied by its scale in the epilogue, in front of what is or
    will be fused into that. What the product was added to is added behind the
    scale. Products with weights of i8 stay as they are, and so does all that is
    not `sparsec.matmul` with a constant weight, convolutions with dense filters
    among it. A weight that is not finite is an error.

    ```mlir
    %w = arith.constant dense<[[1.0, 0.0], [0.5, 2.0]]> : tensor<2x2xf32>
    %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
    %y = sparsec.matmul ins(%c, %x : ...) outs(%zero : tensor<2xf32>)
           -> tensor<2xf32>
    ```

    becomes

    ```mlir
    %w = arith.constant dense<[[127, 0], [32, 127]]> : tensor<2x2xi8>
    %s = arith.constant dense<[0.00787401571, 0.0157480314]> : tensor<2xf32>
    %c = sparsec.compress %w : tensor<2x2xi8> to tensor<2x2xi8, #sparsec.auto>
    %y = sparsec.matmul ins(%c, %x : ...) outs(%zero : tensor<2xf32>)
           epilogue (%s : tensor<2xf32>) [affine_map<(d0) -> (d0)>] {
      ^bb0(%sum: f32, %scale: f32):
        %0 = arith.mulf %sum, %scale : f32
        sparsec.yield %0 : f32
    } -> tensor<2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numQuantized", "quantized", "Products with a weight of int8 now">,
    Statistic<"numLeft", "left",
              "Products left: no constant weight, or one of integers">,
  ];
}

def SplitWeights : Pass<"sparsec-split-weights", "::mlir::ModuleOp"> {
  let summary = "split weights into ranges that are faster in formats of their own";
  let description = [{
    Run between `sparsec-fuse-epilogue` and `sparsec-select-format`, after a
    canonicalizer (sums that start from zero need no slice, and unused weights
    are in nobody's way), for weights of format `#sparsec.auto` that only
    products on tensors use. A weight of which some outputs are dense and
    others sparse is slow in any one format. Where the cost table says that
    ranges of outputs, each in its fastest format, take at least a tenth less
    time than the whole weight in its fastest one, the weight becomes a weight
    for each range, and a product a product for each; they write slices of the
    result. Outputs are those dimensions of a weight that its products do not
    add up along, so no sum changes. The table of gfx803 says that parts do not
    pay there: each is a kernel, and a small one leaves most of the card idle.

    Ranges begin at multiples of 64 outputs, or more where a weight has more
    than 2048. Which ones are chosen is the shortest path over all of them. The
    names of the parts say their range.

    ```mlir
    %c = sparsec.compress %w {sparsec.weight = {name = "w"}}
         : tensor<256x512xf32> to tensor<256x512xf32, #sparsec.auto>
    %y = sparsec.matmul zero_init ins(%c, %x : ...) outs(%e : tensor<256xf32>)
    ```

    becomes, for a weight of which 64 rows are dense and the others nearly empty,

    ```mlir
    %c0 = sparsec.compress %w0 {sparsec.weight = {name = "w[0:64]"}}
          : tensor<64x512xf32> to tensor<64x512xf32, #sparsec.auto>
    %y0 = sparsec.matmul zero_init ins(%c0, %x : ...) outs(... : tensor<64xf32>)
    %c1 = sparsec.compress %w1 {sparsec.weight = {name = "w[64:256]"}}
          : tensor<192x512xf32> to tensor<192x512xf32, #sparsec.auto>
    %y1 = sparsec.matmul zero_init ins(%c1, %x : ...) outs(... : tensor<192xf32>)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::sparsec::SparsecDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"host\"",
           "Whose built-in cost table to use">,
    Option<"costTable", "cost-table", "std::string", /*default=*/"\"\"",
           "A file with another cost table">,
    Option<"columns", "columns", "int64_t", "32",
           "How many columns to assume where a batch is known at run time only">,
  ];
  let statistics = [
    Statistic<"numSplit", "split", "Weights split">,
    Statistic<"numParts", "parts", "Weights that they became">,
  ];
}

def SelectFormat : Pass<"sparsec-select-format", "::mlir::ModuleOp"> {
  let summary = "replace #sparsec.auto by a format, and say why";
  let description = [{
    Run after `sparsec-from-linalg`. For each weight of format `#sparsec.auto`:

    With `strategy=rules`:

    | condition                                             | format |
    |-------------------------------------------------------|--------|
    | sparsity < dense-threshold, unless force-sparse       | dense  |
    | sparsity < block-threshold and block structure        | block  |
    | otherwise, preferred-op=col                           | csc    |
    | otherwise, where the mask stores less than CSR        | bitmask |
    | otherwise                                             | csr    |

    Block structure means that the density varies among the blocks (variance
    above 0.05) and that occupied blocks are at least block-density full. Index
    types are 16 bits wide wherever the dimension allows.

    With `strategy=size` it is the format that stores the fewest bytes, dense
    and every block size included. With `strategy=cost` it is the one whose
    products with this weight, and the columns that they have in this model,
    are predicted to be the fastest by the cost table of the target, again
    dense included; times within 5 % of the least count as equal, and the
    fewest bytes decide. Of those that still tie the first of dense, bitmask,
    csr, csc, block<8x8>, block<4x4>, block<16x16> and block<32x32> is taken. A
    weight without products has no time; by cost it gets the fewest bytes.

    Each choice and its reason is a remark, and an entry in the module attribute
    `sparsec.weights`, from which `sparsec inspect` and `--report` print.

    ```mlir
    %c = sparsec.compress %w : tensor<10x64xf32>
                            to tensor<10x64xf32, #sparsec.auto>
    ```

    becomes, for a weight of which 95 % are zero,

    ```mlir
    %c = sparsec.compress %w : tensor<10x64xf32>
                            to tensor<10x64xf32, #sparsec.csr<index = i16>>
    ```
  }];
  let dependentDialects = ["::sparsec::SparsecDialect"];
  let options = [
    Option<"format", "format", "std::string", /*default=*/"\"auto\"",
           "auto (by the strategy), dense, bitmask, csr, csc or block">,
    Option<"strategy", "strategy", "std::string", /*default=*/"\"rules\"",
           "How auto chooses: by rules, size or cost">,
    Option<"target", "target", "std::string", /*default=*/"\"host\"",
           "Whose built-in cost table to use">,
    Option<"costTable", "cost-table", "std::string", /*default=*/"\"\"",
           "A file with another cost table">,
    Option<"columns", "columns", "int64_t", "32",
           "How many columns to assume where a batch is known at run time only">,
    Option<"denseThreshold", "dense-threshold", "double", "0.50",
           "Sparsity below which a weight stays dense">,
    Option<"blockThreshold", "block-threshold", "double", "0.75",
           "Sparsity from which the block format is not considered">,
    Option<"blockSize", "block-size", "unsigned", "8",
           "Rows and columns of a block: 4, 8, 16 or 32">,
    Option<"blockDensity", "block-density", "double", "0.20",
           "Least mean density of the occupied blocks">,
    Option<"preferredOp", "preferred-op", "std::string", "\"row\"",
           "row for A x (csr), col for A^T x (csc)">,
    Option<"forceSparse", "force-sparse", "bool", "false",
           "Compress weights below dense-threshold too">,
  ];
  let statistics = [
    Statistic<"numCompressed", "compressed", "Weights given a format">,
    Statistic<"numDense", "dense", "Weights left dense">,
  ];
}

def FuseEpilogue : Pass<"sparsec-fuse-epilogue", "::mlir::ModuleOp"> {
  let summary = "pull bias, activation and other elementwise work into matmul";
  let description = [{
    Run after `sparsec-from-linalg`. An elementwise linalg operation that is the
    only user of a `sparsec.matmul` becomes part of its epilogue, again and
    again, so that the result is written once. Its other operands may be
    broadcast or permuted.

    ```mlir
    %y = sparsec.matmul ins(%x, %w : ...) outs(%zero : tensor<?x10xf32>)
           -> tensor<?x10xf32>
    %z = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (j)>, #id],
                         iterator_types = ["parallel", "parallel"]}
           ins(%y, %bias : tensor<?x10xf32>, tensor<10xf32>) outs(%e : ...) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %s = arith.addf %a, %b : f32
        linalg.yield %s : f32
    } -> tensor<?x10xf32>
    ```

    becomes

    ```mlir
    %z = sparsec.matmul ins(%x, %w : ...) outs(%zero : tensor<?x10xf32>)
           epilogue (%bias : tensor<10xf32>) [affine_map<(i, j) -> (j)>] {
      ^bb0(%a: f32, %b: f32):
        %s = arith.addf %a, %b : f32
        sparsec.yield %s : f32
    } -> tensor<?x10xf32>
    ```
  }];
  let dependentDialects = ["::sparsec::SparsecDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numFused", "fused", "Elementwise operations fused">,
    Statistic<"numLeft", "left",
              "Elementwise users of a product that could not be fused">,
  ];
}

def PackWeights : Pass<"sparsec-pack-weights", "::mlir::ModuleOp"> {
  let summary = "turn compress of constants into constant component arrays";
  let description = [{
    Run after `sparsec-select-format`. Weights are packed in parallel; the dense
    constants are dead afterwards. Constant arrays that the input brings in
    `sparsec.assemble` are checked here. A format that is still `#sparsec.auto`
    is an error.

    A weight in a format that is compressed by rows, all of whose products add
    up along its columns (`x W`, as most frameworks write a layer), is packed as
    its transpose, and the products take it transposed: then each result is a
    sum in a register, with its terms in the same order. `csc` stays what it is.

    ```mlir
    %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
    %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
    ```

    becomes

    ```mlir
    %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %i = arith.constant dense<[0, 1]> : tensor<2xi32>
    %o = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
    %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32>
                                    to tensor<2x2xf32, #sparsec.csr>
    ```
  }];
  let dependentDialects = ["::sparsec::SparsecDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numPacked", "packed", "Weights packed">,
    Statistic<"numTransposed", "transposed", "Weights packed transposed">,
    Statistic<"numRuntime", "runtime",
              "compress operations left: their operand is not a constant">,
  ];
}

def TileWindows : Pass<"sparsec-tile-windows", "::mlir::ModuleOp"> {
  let summary = "expand weights a window at a time";
  let description = [{
    Run after `sparsec-pack-weights`. An operation that reads a weight through
    `sparsec.decompress` becomes a loop over windows of that weight, each expanded by
    itself, so that no more than a window is held decompressed: linalg operations,
    convolutions among them, and dense products. The loop is the one of the operation
    that walks the outer dimension of the weight's format: parts of the result, or,
    for a sum over that dimension, sums that one window after the other adds to, in
    ascending order. The rows that are left over are a last window of its own.

    With `window-bytes`, windows are as large as fit into that many bytes, or some rows:
    a cache of the target. With `memory-budget`, they are as large as fit beside what has
    to be expanded as a whole; it is an error if nothing fits. With `window-rows`
    they have that many outer indices at most, and products that would read their
    weight as it is, which holds nothing decompressed, expand it too. Products keep
    their epilogue in the loop, where the loop is not the sum.

    Where more than `batch-bytes` of other operands and results would be gone over with
    each window, there is a loop over parts of the batch around that over windows: the
    outermost parallel loop that does not walk along a weight.

    With `weight-budget`, products that read a packed weight of more than half of that
    many bytes become loops too, over windows that are not expanded: one is read while
    the next is on its way. Rows count as equally long.

    With `device`, the budget is for all constants, as they are in the memory of a
    device. If they do not fit, the larger weights of products come and go in windows,
    each counted as it is packed, and get the attribute `sparsec.streamed`; as many of
    the smaller ones as half of the budget holds stay. Weights that are used by
    something else, or inside of loops and conditions, have to stay.

    A weight is expanded as a whole where its user cannot be tiled so, or adds up over
    another loop before that one, and where all that is computed from are weights.

    ```mlir
    %d = sparsec.decompress %w : tensor<1024x512xf32, #sparsec.bitmask>
                              to tensor<1024x512xf32>
    %y = linalg.matmul_transpose_b ins(%x, %d : ...) outs(%e : ...)
    ```

    becomes, with `window-rows=128`,

    ```mlir
    %y = scf.for %i = %c0 to %c1024 step %c128 iter_args(%acc = %e)
           -> (tensor<32x1024xf32>) {
      %v = sparsec.window %w[%i] : tensor<1024x512xf32, #sparsec.bitmask>
                                to tensor<128x512xf32, #sparsec.bitmask>
      %d = sparsec.decompress %v : tensor<128x512xf32, #sparsec.bitmask>
                                to tensor<128x512xf32>
      %o = tensor.extract_slice %acc[0, %i] [32, 128] [1, 1] : ...
      %t = linalg.matmul_transpose_b ins(%x, %d : ...) outs(%o : ...)
      %r = tensor.insert_slice %t into %acc[0, %i] [32, 128] [1, 1] : ...
      scf.yield %r : tensor<32x1024xf32>
    }
    ```
  }];
  let dependentDialects = ["::sparsec::SparsecDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"budget", "memory-budget", "int64_t", "-1",
           "Bytes of decompressed weights at one time; -1 for any number">,
    Option<"windowBytes", "window-bytes", "int64_t", "0",
           "Bytes of a window, if window-rows does not say how large it is; 0 for any "
           "number">,
    Option<"batchBytes", "batch-bytes", "int64_t", "0",
           "Bytes of other operands and results that windows are gone over with; 0 "
           "for any number">,
    Option<"windowRows", "window-rows", "int64_t", "0",
           "Outer indices in a window; 0 for as many as fit">,
    Option<"weightBudget", "weight-budget", "int64_t", "-1",
           "Bytes of packed weights in two windows, of products that read them as "
           "they are; -1 for any number">,
    Option<"device", "device", "bool", "false",
           "weight-budget is for all constants, in device memory">,
  ];
  let statistics = [
    Statistic<"numTiled", "tiled", "Operations that go over windows">,
    Statistic<"numWhole", "whole",
              "Operations whose weights fit as a whole">,
  ];
}

def ToLinalg : Pass<"sparsec-to-linalg", "::mlir::ModuleOp"> {
  let summary = "lower every sparsec operation to plain linalg: the reference";
  let description = [{
    The meaning of the dialect, written in upstream operations: a compressed
    tensor becomes the dense one that it stands for, `compress`, `decompress` and
    `convert` vanish, `matmul` becomes a `linalg.generic` that adds up in f32 or i32,
    `storage` and `assemble` loops over the matrix, `storage` two: one counts what
    there is to store, one stores it. Where its result types say how much that is, it
    is checked at run time. Nothing is fast; every tuned
    path is tested against it. Needs no other pass to run before, but
    `#sparsec.auto` is accepted only where its component arrays are not asked for.

    ```mlir
    %d = sparsec.decompress %c : tensor<2x2xf32, #sparsec.csr> to tensor<2x2xf32>
    ```

    becomes its operand, `%c : tensor<2x2xf32>`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"keepKernels", "keep-kernels", "bool", "false",
           "Leave products whose weight is packed (or a window of one) or dense, "
           "and decompress of packed weights, to a target's kernels">,
  ];
}

def SetBatch : Pass<"sparsec-set-batch", "::mlir::ModuleOp"> {
  let summary = "fix the batch dimension of a model's public functions";
  let description = [{
    Run before everything else. The leading dimension of every argument of a public
    function becomes `batch`, where it is dynamic. Shapes inside follow by
    canonicalization, and results take the types that come out. It is an error if no
    argument has such a dimension.

    ```mlir
    func.func @main(%x: tensor<?x64xf32>) -> tensor<?x10xf32>
    ```

    becomes, with `batch=32`,

    ```mlir
    func.func @main(%x: tensor<32x64xf32>) -> tensor<32x10xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
  let options = [
    Option<"batch", "batch", "int64_t", "1", "The size, at least 1">,
  ];
}

#endif // SPARSEC_PASSES
