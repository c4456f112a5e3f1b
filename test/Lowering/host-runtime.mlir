// Generated code calls the runtime, and the runtime the generated code, through
// functions of abi.h only.
//
// RUN: sparsec-opt %s --sparsec-host-runtime | FileCheck %s

// CHECK-DAG: llvm.func @sparsec_rt_alloc(i64, i64) -> (!llvm.ptr {llvm.noalias})
// CHECK-DAG: llvm.func @sparsec_rt_free(!llvm.ptr)
llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr
llvm.func @free(!llvm.ptr)
// Other declarations are left as they are.
// CHECK-DAG: llvm.func @expf(f32) -> f32
llvm.func @expf(f32) -> f32

// Everything with a body is internal,
// CHECK-LABEL: llvm.func internal @main
// CHECK: %[[P:.*]] = llvm.call @sparsec_rt_alloc(
// CHECK: llvm.call @sparsec_rt_free(%[[P]])
llvm.func @main(%n: i64) {
  %p = llvm.call @aligned_alloc(%n, %n) : (i64, i64) -> !llvm.ptr
  llvm.call @free(%p) : (!llvm.ptr) -> ()
  llvm.return
}

// but the entry, with the signature of sparsec_entry_fn: results, array of inputs.
// CHECK-LABEL: llvm.func @sparsec_entry_main(
// CHECK-SAME: %[[R:.*]]: !llvm.ptr, %[[I:.*]]: !llvm.ptr) {
// CHECK: %[[A0:.*]] = llvm.getelementptr %[[I]][0]
// CHECK: %[[A:.*]] = llvm.load %[[A0]]
// CHECK: %[[B1:.*]] = llvm.getelementptr %[[I]][1]
// CHECK: %[[B:.*]] = llvm.load %[[B1]]
// CHECK: llvm.call @_mlir_ciface_main(%[[R]], %[[A]], %[[B]])
// CHECK: llvm.func internal @_mlir_ciface_main
llvm.func @_mlir_ciface_main(%r: !llvm.ptr, %a: !llvm.ptr, %b: !llvm.ptr) {
  llvm.return
}
