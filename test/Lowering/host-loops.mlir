// RUN: sparsec-opt %s --sparsec-host-loops | FileCheck %s
// RUN: sparsec-opt %s --sparsec-host-loops=lanes=8 | FileCheck %s --check-prefix=LANES
// RUN: sparsec-opt %s --sparsec-host-loops=lanes=1 | FileCheck %s --check-prefix=SCALAR
// RUN: sparsec-opt %s --sparsec-host-loops=registers=1 -o %t
// RUN: sparsec-opt %s --sparsec-host-loops=strict | FileCheck %s --check-prefix=STRICT --implicit-check-not=fastmath

// Columns of the result in vectors, the sum over k in registers.
// CHECK-LABEL: @matmul
// CHECK-NOT: scf.parallel
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>
// CHECK: %[[A:.*]] = memref.load
// CHECK: vector.broadcast %[[A]] : f32 to vector<16xf32>
// CHECK: %[[P:.*]] = arith.mulf {{.*}} : vector<16xf32>
// CHECK: arith.addf %{{.*}}, %[[P]] {{.*}} : vector<16xf32>
// LANES-LABEL: @matmul
// LANES-NOT: vector<16xf32>
// LANES: arith.addf {{.*}} : vector<8xf32>
// SCALAR-LABEL: @matmul
// SCALAR-NOT: vector<{{([2-9]|1[0-9])}}
// SCALAR: return
// STRICT-LABEL: @matmul
// STRICT: arith.addf {{.*}} : vector<16xf32>
func.func @matmul(%a: memref<8x16xf32>, %b: memref<16x40xf32>, %c: memref<8x40xf32>) {
  linalg.matmul ins(%a, %b : memref<8x16xf32>, memref<16x40xf32>) outs(%c : memref<8x40xf32>)
  return
}

// Four rows share each vector of b, in 16 of 32 registers; two of eight in 16.
// The rows that are left over are computed together.
// RUN: sparsec-opt %s --sparsec-host-loops="lanes=8 registers=16" | FileCheck %s --check-prefix=AVX2
// CHECK-LABEL: @rows
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c8{{.*}} step %c4
// CHECK: scf.for {{.*}} -> ({{vector<16xf32>(, vector<16xf32>){15}[)]}}
// CHECK-COUNT-16: arith.mulf
// CHECK-NOT: arith.mulf
// CHECK: scf.for {{.*}} -> ({{vector<16xf32>(, vector<16xf32>){11}[)]}}
// CHECK-COUNT-12: arith.mulf
// CHECK-NOT: arith.mulf
// CHECK: return
// AVX2-LABEL: @rows
// AVX2: scf.for {{.*}} -> ({{vector<8xf32>(, vector<8xf32>){7}[)]}}
func.func @rows(%a: memref<11x16xf32>, %b: memref<16x64xf32>, %c: memref<11x64xf32>) {
  linalg.matmul ins(%a, %b : memref<11x16xf32>, memref<16x64xf32>) outs(%c : memref<11x64xf32>)
  return
}

// Channels of the result in vectors.
// CHECK-LABEL: @conv
// CHECK: scf.for {{.*}} -> (vector<16xf32>
// CHECK: arith.addf {{.*}} : vector<16xf32>
func.func @conv(%x: memref<1x6x6x3xf32>, %k: memref<3x3x3x16xf32>, %y: memref<1x4x4x16xf32>) {
  linalg.conv_2d_nhwc_hwcf ins(%x, %k : memref<1x6x6x3xf32>, memref<3x3x3x16xf32>) outs(%y : memref<1x4x4x16xf32>)
  return
}

// The last vector of a row of unknown length is masked.
// CHECK-LABEL: @elementwise
// CHECK: vector.load
// CHECK: math.exp {{.*}} : vector<16xf32>
// CHECK: vector.store
// CHECK: vector.create_mask
// CHECK: vector.maskedstore
func.func @elementwise(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.exp ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// CHECK-LABEL: @copy
// CHECK-NOT: memref.copy
// CHECK: vector.store
func.func @copy(%x: memref<4x32xf32>, %y: memref<4x32xf32>) {
  memref.copy %x, %y : memref<4x32xf32> to memref<4x32xf32>
  return
}

// The position of an element is a scalar's.
// CHECK-LABEL: @index
// CHECK-NOT: vector
// CHECK: memref.store
func.func @index(%y: memref<32xindex>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<32xindex>) {
    ^bb0(%a: index):
      %i = linalg.index 0 : index
      linalg.yield %i : index
  }
  return
}

// A walk across rows loads from far apart,
// CHECK-LABEL: @transpose
// CHECK-NOT: vector.load
// CHECK: memref.store
func.func @transpose(%x: memref<8x32xf32>, %y: memref<32x8xf32>) {
  linalg.transpose ins(%x : memref<8x32xf32>) outs(%y : memref<32x8xf32>) permutation = [1, 0]
  return
}

// so does a layout with gaps.
// CHECK-LABEL: @gaps
// CHECK-NOT: vector.load
// CHECK: memref.store
func.func @gaps(%x: memref<32xf32, strided<[2]>>, %y: memref<32xf32>) {
  linalg.exp ins(%x : memref<32xf32, strided<[2]>>) outs(%y : memref<32xf32>)
  return
}

// Lanes that are off hold zeros, by which a division would trap.
// CHECK-LABEL: @division
// CHECK-NOT: vector
// CHECK: arith.divsi {{.*}} : i32
func.func @division(%x: memref<32xi32>, %y: memref<32xi32>, %z: memref<32xi32>) {
  linalg.div ins(%x, %y : memref<32xi32>, memref<32xi32>) outs(%z : memref<32xi32>)
  return
}

// The sum of a row: LLVM may reorder it, unless it must not.
// CHECK-LABEL: @sum
// CHECK: arith.addf {{.*}} fastmath<{{.*}}reassoc{{.*}}> : f32
// STRICT-LABEL: @sum
// STRICT: arith.addf {{.*}} : f32
func.func @sum(%x: memref<4x32xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<4x32xf32>) outs(%y : memref<4xf32>) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %b, %a : f32
      linalg.yield %s : f32
  }
  return
}

// Large ones run in parallel, with vectors or without.
// CHECK-LABEL: @large
// CHECK: scf.parallel
// CHECK: vector<16xf32>
// CHECK: scf.parallel
func.func @large(%a: memref<512x64xf32>, %b: memref<64x64xf32>, %c: memref<512x64xf32>, %x: memref<1024x512xf32>, %y: memref<512x1024xf32>) {
  linalg.matmul ins(%a, %b : memref<512x64xf32>, memref<64x64xf32>) outs(%c : memref<512x64xf32>)
  linalg.transpose ins(%x : memref<1024x512xf32>) outs(%y : memref<512x1024xf32>) permutation = [1, 0]
  return
}

// Threads share the channels of a single image.
// CHECK-LABEL: @one_image
// CHECK: scf.parallel (%{{.*}}) = (%c0{{.*}}) to (%c64{{.*}}) step (%c4
func.func @one_image(%x: memref<1x64x34x34xf32>, %k: memref<64x64x3x3xf32>, %y: memref<1x64x32x32xf32>) {
  linalg.conv_2d_nchw_fchw ins(%x, %k : memref<1x64x34x34xf32>, memref<64x64x3x3xf32>) outs(%y : memref<1x64x32x32xf32>)
  return
}
