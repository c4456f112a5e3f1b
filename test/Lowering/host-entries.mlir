// RUN: sparsec-opt %s --sparsec-host-entries | FileCheck %s

// CHECK-DAG: llvm.func @sparsec_rt_fail(!llvm.ptr)
// CHECK-DAG: llvm.mlir.global internal constant @[[SHAPE:.*]]("shapes differ\00")
// CHECK-DAG: llvm.mlir.global internal constant @[[SIZE:.*]]("size is zero\00")

// Public functions have upstream's C interface; violated assertions do not abort.
// CHECK-LABEL: func.func @main
// CHECK-SAME: attributes {llvm.emit_c_interface}
// CHECK-NOT: cf.assert
// CHECK: %[[NO:.*]] = arith.xori %{{.*}}, %{{.*}} : i1
// CHECK: scf.if %[[NO]] {
// CHECK-NEXT: %[[TEXT:.*]] = llvm.mlir.addressof @[[SHAPE]]
// CHECK-NEXT: llvm.call @sparsec_rt_fail(%[[TEXT]])
// CHECK: scf.if
// CHECK-NEXT: llvm.mlir.addressof @[[SIZE]]
func.func @main(%a: i1, %b: i1) {
  cf.assert %a, "shapes differ"
  cf.assert %b, "size is zero"
  return
}

// CHECK-LABEL: func.func private @helper()
// CHECK-NOT: llvm.emit_c_interface
func.func private @helper() {
  return
}
