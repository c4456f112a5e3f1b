// RUN: sparsec-opt %s --sparsec-inline-alloca-scopes | FileCheck %s

func.func private @kernel(index)

// Calls of kernels leave nothing on this stack.
// CHECK-LABEL: @calls
// CHECK-NOT: memref.alloca_scope
// CHECK: %[[R:.*]] = arith.constant 1 : index
// CHECK: call @kernel(%[[R]])
// CHECK: return %[[R]]
func.func @calls() -> index {
  %0 = memref.alloca_scope -> (index) {
    %c1 = arith.constant 1 : index
    memref.alloca_scope {
      func.call @kernel(%c1) : (index) -> ()
    }
    memref.alloca_scope.return %c1 : index
  }
  return %0 : index
}

// What is allocated in a loop must go at the end of each iteration.
// CHECK-LABEL: @alloca
// CHECK: scf.for
// CHECK: memref.alloca_scope
// CHECK: memref.alloca()
func.func @alloca(%n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    memref.alloca_scope {
      %m = memref.alloca() : memref<4xf32>
      memref.store %x, %m[%c0] : memref<4xf32>
    }
  }
  return
}
