// RUN: sparsec-opt %s --sparsec-host-math | FileCheck %s

// Polynomials, on scalars and on vectors.
// CHECK-LABEL: @polynomials
// CHECK-NOT: math.{{exp|tanh|erf}} {{.*}}f32
// CHECK: math.fma {{.*}} : f32
// CHECK: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: math.{{exp|tanh|erf}} {{.*}}f32
// CHECK: return
func.func @polynomials(%x: f32, %v: vector<16xf32>) -> (f32, f32, f32, vector<16xf32>) {
  %0 = math.exp %x : f32
  %1 = math.tanh %x : f32
  %2 = math.erf %x : f32
  %3 = math.exp %v : vector<16xf32>
  return %0, %1, %2, %3 : f32, f32, f32, vector<16xf32>
}

// bf16 is the upper half of an f32: shifts, and rounding to nearest even.
// CHECK-LABEL: @bf16
// CHECK-NOT: arith.extf
// CHECK: arith.shli
// CHECK-NOT: arith.truncf
// CHECK: arith.shrui
// CHECK: return
func.func @bf16(%x: bf16, %y: f32) -> (f32, bf16) {
  %0 = arith.extf %x : bf16 to f32
  %1 = arith.truncf %y : f32 to bf16
  return %0, %1 : f32, bf16
}

// f64, and what has no polynomial, are left to libm; roots are instructions.
// CHECK-LABEL: @left
// CHECK: math.exp %{{.*}} : f64
// CHECK: math.powf
// CHECK: math.sqrt
func.func @left(%x: f64, %y: f32) -> (f64, f32, f32) {
  %0 = math.exp %x : f64
  %1 = math.powf %y, %y : f32
  %2 = math.sqrt %y : f32
  return %0, %1, %2 : f64, f32, f32
}
