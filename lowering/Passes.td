//===- Passes.td - From the dialect to a target -------------*- tablegen -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_PASSES
#define SPARSEC_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

def Bufferize : Pass<"sparsec-bufferize", "::mlir::ModuleOp"> {
  let summary = "one-shot bufferization that leaves weights alone";
  let description = [{
    Upstream's one-shot bufferization of a whole module, functions included. A
    compressed operand of `sparsec.matmul` stays a tensor that stands for its
    component arrays; those become memrefs.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def CountExpanded : Pass<"sparsec-count-expanded", "::mlir::ModuleOp"> {
  let summary = "tell the runtime how many bytes of weights are held expanded";
  let description = [{
    Run on memrefs, while `sparsec.expand` is there: a buffer that it writes counts
    from its allocation to its last use.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

def HostSimplify : Pass<"sparsec-host-simplify", "::mlir::ModuleOp"> {
  let summary = "what bufferization and loops do not take, in terms they do";
  let description = [{
    Run on tensors, before bufferization: decomposes `linalg.softmax` and other
    aggregated operations, turns `tensor.concat` into insertions and elementwise
    `arith` and `math` on tensors into linalg, and fuses elementwise operations so
    that each intermediate is written once.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def HostMath : Pass<"sparsec-host-math", "::mlir::ModuleOp"> {
  let summary = "functions of floats without calls of libm where a vector helps";
  let description = [{
    Run on scalars and vectors: `exp`, `tanh`, `erf` and the like become upstream's
    polynomials, which vectorize and give the same bits everywhere; conversions
    between f32 and bf16 become integer arithmetic. Logarithms, whose polynomials
    lose denormals, and sines, whose lose accuracy for large arguments, go to libm
    with what is left.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def HostKernels : Pass<"sparsec-host-kernels", "::mlir::ModuleOp"> {
  let summary = "turn sparsec.matmul on memrefs into loops over its weight";
  let description = [{
    Run after bufferization. Each product becomes a private function over a range
    of its weight's rows (or of the result's columns, where rows would collide),
    written against the cursor of the weight's format, and a call of it, or a
    parallel loop over calls with ranges of equal work. Equal products share one
    function.

    | product                  | weight along its outer dimension | loop          |
    |--------------------------|----------------------------------|---------------|
    | one column, sums         | `y[o] = sum w[o, k] x[k]`        | rows          |
    | one column, updates      | `y[k] += w[o, k] x[o]`           | ranges, rows  |
    | many columns, sums       | `y[o, :] = sum w[o, k] x[k, :]`  | panels, rows  |
    | many columns, updates    | `y[k, :] += w[o, k] x[o, :]`     | panels, rows  |

    Updates with one column go into a fixed number of partial results, one for each
    range of rows, which are added up in order. Where the number of columns is not
    known both kinds are emitted, and that for one column is taken if it is one.

    Operands whose layout does not suit are copied or transposed first; the
    epilogue is applied where an element of the result is written last.

    With `strict`, each sum is taken with k ascending and no multiplication is
    contracted with an addition; updates with one column are not split.

    `sparsec.expand` becomes a fill with zeros and a kernel that stores.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"lanes", "lanes", "int64_t", "16",
           "f32 elements in a vector register; 1 for scalar code">,
    Option<"registers", "registers", "int64_t", "32", "Vector registers">,
    Option<"expand", "expand", "bool", "true",
           "The target expands a register by a mask (AVX-512)">,
    Option<"permute", "permute", "bool", "false",
           "The target permutes the lanes of a register by a vector (AVX2)">,
    Option<"strict", "strict", "bool", "false",
           "k ascending, nothing contracted">,
  ];
}

def HostStream : Pass<"sparsec-host-stream", "::mlir::ModuleOp"> {
  let summary = "let weights that have been read leave memory";
  let description = [{
    Run on memrefs, before `sparsec-host-kernels`. After each product the runtime is
    told which part of the weight it has read, and with that, as windows follow each
    other, which part is next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

def HostLoops : Pass<"sparsec-host-loops", "::mlir::ModuleOp"> {
  let summary = "lower linalg on memrefs to loops over vectors";
  let description = [{
    Everything that is not a compressed product. Where the last dimension of the
    result is parallel and every operand walks along it in its own last dimension, or
    not at all, the operation is computed on vectors along it, with the elements of
    the result in registers and reductions in ascending order: no sum is reordered.
    Some rows of the result are computed together where they share a vector of an
    operand: rows of a matrix, channels of a convolution.
    Anything else becomes scalar loops, in which LLVM may reassociate sums unless
    `strict`. The outermost parallel loop of a large operation becomes
    `scf.parallel`.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"lanes", "lanes", "int64_t", "16",
           "f32 elements in a vector register; 1 for scalar code">,
    Option<"registers", "registers", "int64_t", "32", "Vector registers">,
    Option<"strict", "strict", "bool", "false",
           "Sums in ascending order, nothing contracted">,
  ];
}

def HostRuntime : Pass<"sparsec-host-runtime", "::mlir::ModuleOp"> {
  let summary = "let generated code call the runtime, and nothing else";
  let description = [{
    Run on the LLVM dialect. Allocation goes through `sparsec_rt_alloc` and
    `sparsec_rt_free`; each public function gets a wrapper with the signature of
    `sparsec_entry_fn`, and everything else becomes internal.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def HostReshapes : Pass<"sparsec-host-reshapes", "::mlir::ModuleOp"> {
  let summary = "memref.expand_shape of contiguous memory as a reinterpretation";
  let description = [{
    Run before `expand-strided-metadata`, which in MLIR 22 takes one dynamic dimension
    a group only, while a batch of sequences has two. The sizes are in the operation,
    and the strides of contiguous memory follow from them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def InlineAllocaScopes : Pass<"sparsec-inline-alloca-scopes", "::mlir::ModuleOp"> {
  let summary = "remove memref.alloca_scope around code without memref.alloca";
  let description = [{
    Run after `convert-scf-to-openmp`, which puts the body of each parallel loop into
    a scope, and before loops become branches, which a scope cannot hold. Upstream's
    canonicalizer keeps a scope that contains calls; calls of kernels allocate
    nothing on their caller's stack.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def HostEntries : Pass<"sparsec-host-entries", "::mlir::ModuleOp"> {
  let summary = "make public functions callable, and failures a status";
  let description = [{
    Run on structured control flow, before it becomes branches. Public functions ask
    for upstream's C interface, which `sparsec-host-runtime` wraps. `cf.assert`, with
    which upstream would abort the program, becomes a call of `sparsec_rt_fail` with
    its message.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
}

def GpuExpand : Pass<"sparsec-gpu-expand", "::mlir::ModuleOp"> {
  let summary = "turn sparsec.expand into a fill and a gpu.launch";
  let description = [{
    Run before `sparsec-gpu-kernels`. The buffer is filled with zeros, and a work item
    for each group of the weight (a row, or a row of blocks) stores its elements.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def GpuKernels : Pass<"sparsec-gpu-kernels", "::mlir::ModuleOp"> {
  let summary = "turn sparsec.matmul on memrefs into gpu.launch";
  let description = [{
    Run after bufferization, for any GPU. Each product becomes one launch, written
    against the cursor of the weight's format. A work item owns what it writes, so
    there are no atomics and every sum is taken with k ascending:

    | product          | weight along its outer dimension | work items                  |
    |------------------|----------------------------------|-----------------------------|
    | sums             | `y[o, c] = sum w[o, k] x[k, c]`  | groups of rows and columns  |
    | updates          | `y[k, c] += w[o, k] x[o, c]`     | columns                     |
    | two dense factors| `y[m, n] = sum a[m, k] b[k, n]`  | elements                    |

    The epilogue is applied where an element of the result is written.

    With `strict` no multiplication is contracted with an addition.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"strict", "strict", "bool", "false", "Nothing contracted">,
  ];
}

def GpuLoops : Pass<"sparsec-gpu-loops", "::mlir::ModuleOp"> {
  let summary = "turn linalg on memrefs into gpu.launch";
  let description = [{
    Everything that is not a compressed product: a work item for each point of the
    parallel dimensions, with the results in registers and reductions in ascending
    order. With `strict` no multiplication is contracted with an addition.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
  let options = [
    Option<"strict", "strict", "bool", "false", "Nothing contracted">,
  ];
}

def GpuShareKernels : Pass<"sparsec-gpu-share-kernels", "::mlir::ModuleOp"> {
  let summary = "one gpu.module for a model, with equal kernels shared";
  let description = [{
    Run after `gpu-kernel-outlining`, which makes a module for each launch. Layers of
    one shape then cost the code of one.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def GpuAsserts : Pass<"sparsec-gpu-asserts", "::mlir::ModuleOp"> {
  let summary = "let a failed cf.assert stop its kernel";
  let description = [{
    A kernel has no way to say what was wrong: the assertion becomes a trap, which the
    runtime reports as a fault of the kernel.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def DeviceStream : Pass<"sparsec-device-stream", "::mlir::ModuleOp"> {
  let summary = "bring weights to the device in windows, as products need them";
  let description = [{
    Run after bufferization and before products become kernels, on weights that
    `sparsec-tile-windows` has marked with `sparsec.streamed`. Their windows, each packed
    as a weight of its own, lie in one constant in the order of their first use, which
    stays in the artefact's file. Each entry allocates two places on the device and takes
    them in turns: `sparsec_rt_stream` before a product copies its window there, beside
    the kernels of the window before, and lets the kernels that follow wait for it.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def DeviceEntries : Pass<"sparsec-device-entries", "::mlir::ModuleOp"> {
  let summary = "let entries drive a device through the runtime's ABI";
  let description = [{
    Run on entries whose work is in `gpu.launch_func`. Their memrefs come to stand
    for device memory: inputs are copied in, results out, constants are found from
    the address of the model's weights there, and buffers of known size share one
    allocation, where those that are never alive together overlap. Launches become
    calls of `sparsec_rt_launch`. What would have to run on the host on the contents
    of tensors is an error.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def AmdgpuKernels : Pass<"sparsec-amdgpu-kernels", "::mlir::ModuleOp"> {
  let summary = "kernels of AMD GPUs for products that have one";
  let description = [{
    Run before `sparsec-gpu-kernels`, which takes what this leaves. A bitmask weight
    times a vector has a wave for one row, or for several, whose EXEC mask is the mask
    of the weight; sums are taken in another order than k ascending, so not with
    `strict`. Times a matrix of 16 columns or more, or of a number that is not known,
    it has a wave for each row and 64 columns, or up to 256; with few zeros it is
    expanded into tiles in LDS. Two dense matrices, and convolutions with images and
    filters of known sizes, are multiplied on such tiles too.

    `csr`, `csc` and `block` have the same: lanes are entries of a row or elements of a
    block for a vector, columns for a matrix. With 2 to 15 columns lanes are entries by
    columns. Where the reduction is the outer dimension of the format, sums are in LDS
    and added up in a fixed order. What kernel there is for a batch of unknown size is
    chosen when the model runs.
  }];
  let options = [
    Option<"strict", "strict", "bool", "false",
           "k ascending, nothing contracted">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::amdgpu::AMDGPUDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def AmdgpuSubgroups : Pass<"sparsec-amdgpu-subgroups", "::mlir::ModuleOp"> {
  let summary = "gpu.subgroup_reduce by moves between lanes (DPP)";
  let description = [{
    Upstream has the patterns, and no pass for them.
  }];
  let dependentDialects = ["::mlir::ROCDL::ROCDLDialect",
                           "::mlir::amdgpu::AMDGPUDialect"];
  let options = [
    Option<"chip", "chip", "std::string", "\"gfx803\"", "As LLVM names it">,
  ];
}

#endif // SPARSEC_LOWERING_PASSES
