// Each product becomes a kernel, a private function over a range of its weight, and
// calls of it.
//
// DEFINE: %{prepare} = --sparsec-pack-weights --sparsec-bufferize --canonicalize
// DEFINE: %{clean} = --canonicalize --cse
// RUN: sparsec-opt %s -split-input-file %{prepare} --sparsec-host-kernels %{clean} | FileCheck %s
// RUN: sparsec-opt %s -split-input-file %{prepare} --sparsec-host-kernels=strict %{clean} | FileCheck %s --check-prefix=STRICT --implicit-check-not=fastmath
// RUN: sparsec-opt %s -split-input-file %{prepare} --sparsec-host-kernels="lanes=8 registers=16 expand=false permute=true" %{clean} | FileCheck %s --check-prefix=AVX2 --implicit-check-not="vector<16xf32>" --implicit-check-not=mask.expand

// A call, or calls for ranges of equal work where the runtime has threads for it.
// CHECK-LABEL: func.func @csr
// CHECK: call @sparsec_rt_threads
// CHECK: scf.if
// CHECK: scf.parallel
// CHECK: call @sparsec_kernel
// CHECK: } else {
// CHECK: call @sparsec_kernel(%c0, %c12,
// y[o] = sum w[o, k] x[k]: rows, and in each its entries, in several sums.
// CHECK-LABEL: func.func private @sparsec_kernel(%{{.*}}: index, %{{.*}}: index,
// CHECK: scf.for
// CHECK: scf.for {{.*}} -> (f32, f32, f32, f32)
// CHECK: arith.mulf {{.*}} fastmath<contract> : f32
// CHECK: arith.addf {{.*}} fastmath<contract> : f32
// CHECK: memref.store
// With strict, one sum, k ascending.
// STRICT-LABEL: func.func @csr
// STRICT-LABEL: func.func private @sparsec_kernel
// STRICT: scf.for
// STRICT: scf.for {{.*}} -> (f32) {
// STRICT: arith.mulf {{.*}} : f32
// STRICT-NOT: scf.for
// STRICT: return
func.func @csr(%x: tensor<20xf32>) -> tensor<12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csr>
  %e = tensor.empty() : tensor<12xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x20xf32, #sparsec.csr>, tensor<20xf32>) outs(%e : tensor<12xf32>) -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// y[k] += w[o, k] x[o]: each column is added to the result.
// CHECK-LABEL: func.func @csc
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.load
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: memref.store
func.func @csc(%x: tensor<20xf32>) -> tensor<12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csc>
  %e = tensor.empty() : tensor<12xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x20xf32, #sparsec.csc>, tensor<20xf32>) outs(%e : tensor<12xf32>) -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// Values are expanded into the lanes of their bits, where the target can.
// CHECK-LABEL: func.func @bitmask
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: llvm.x86.avx512.mask.expand
// CHECK: arith.mulf {{.*}} : vector<16xf32>
// AVX2: memref.global "private" constant @sparsec_spread_table : memref<256x8xi32>
// AVX2-LABEL: func.func @bitmask
// AVX2-LABEL: func.func private @sparsec_kernel
// AVX2: llvm.x86.avx2.permps
// AVX2: vector.maskedload
// AVX2: arith.mulf {{.*}} : vector<8xf32>
func.func @bitmask(%x: tensor<200xf32>) -> tensor<12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x200xf32>
  %c = sparsec.compress %w : tensor<12x200xf32> to tensor<12x200xf32, #sparsec.bitmask>
  %e = tensor.empty() : tensor<12xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x200xf32, #sparsec.bitmask>, tensor<200xf32>) outs(%e : tensor<12xf32>) -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// A block is dense.
// CHECK-LABEL: func.func @block
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: memref<?x8x8xf32>
// CHECK: arith.mulf
func.func @block(%x: tensor<16xf32>) -> tensor<16xf32> {
  %w = arith.constant dense<1.0> : tensor<16x16xf32>
  %c = sparsec.compress %w : tensor<16x16xf32> to tensor<16x16xf32, #sparsec.block<8x8>>
  %e = tensor.empty() : tensor<16xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<16x16xf32, #sparsec.block<8x8>>, tensor<16xf32>) outs(%e : tensor<16xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// -----

// Many columns, sums: a row of the result in vectors.
// CHECK-LABEL: func.func @columns
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: scf.for {{.*}} -> (vector<16xf32>
// CHECK: vector.broadcast
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: vector.store
// AVX2: vector<8xf32>
func.func @columns(%x: tensor<20x64xf32>) -> tensor<12x64xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csr>
  %e = tensor.empty() : tensor<12x64xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x20xf32, #sparsec.csr>, tensor<20x64xf32>) outs(%e : tensor<12x64xf32>) -> tensor<12x64xf32>
  return %0 : tensor<12x64xf32>
}

// -----

// Many columns, updates.
// CHECK-LABEL: func.func @columns_csc
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: vector.load
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: vector.store
func.func @columns_csc(%x: tensor<20x64xf32>) -> tensor<12x64xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csc>
  %e = tensor.empty() : tensor<12x64xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x20xf32, #sparsec.csc>, tensor<20x64xf32>) outs(%e : tensor<12x64xf32>) -> tensor<12x64xf32>
  return %0 : tensor<12x64xf32>
}

// -----

// A dense weight has a kernel too.
// CHECK-LABEL: func.func @dense
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: memref<12x20xf32
// CHECK: arith.mulf
func.func @dense(%x: tensor<20xf32>) -> tensor<12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %e = tensor.empty() : tensor<12xf32>
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<12x20xf32>, tensor<20xf32>) outs(%e : tensor<12xf32>) -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// Equal products share a kernel, another shape has its own. Each is called in a
// parallel loop or once.
// CHECK-LABEL: func.func @shared
// CHECK-COUNT-4: call @sparsec_kernel(
// CHECK-COUNT-2: call @sparsec_kernel_0(
// CHECK-NOT: call @sparsec_kernel
// CHECK: return
// CHECK-COUNT-2: func.func private @sparsec_kernel
// CHECK-NOT: func.func private @sparsec_kernel
func.func @shared(%x: tensor<8xf32>) -> tensor<4xf32> {
  %w = arith.constant dense<1.0> : tensor<8x8xf32>
  %v = arith.constant dense<2.0> : tensor<8x8xf32>
  %u = arith.constant dense<2.0> : tensor<4x8xf32>
  %c = sparsec.compress %w : tensor<8x8xf32> to tensor<8x8xf32, #sparsec.csr>
  %d = sparsec.compress %v : tensor<8x8xf32> to tensor<8x8xf32, #sparsec.csr>
  %f = sparsec.compress %u : tensor<4x8xf32> to tensor<4x8xf32, #sparsec.csr>
  %e = tensor.empty() : tensor<8xf32>
  %g = tensor.empty() : tensor<4xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<8x8xf32, #sparsec.csr>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %1 = sparsec.matmul zero_init ins(%d, %0 : tensor<8x8xf32, #sparsec.csr>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %2 = sparsec.matmul zero_init ins(%f, %1 : tensor<4x8xf32, #sparsec.csr>, tensor<8xf32>) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

// The epilogue is applied where an element is written.
// CHECK-LABEL: func.func @epilogue
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: %[[Y:.*]] = arith.maximumf
// CHECK-NEXT: memref.store %[[Y]]
func.func @epilogue(%x: tensor<20xf32>, %b: tensor<12xf32>) -> tensor<12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csr>
  %e = tensor.empty() : tensor<12xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x20xf32, #sparsec.csr>, tensor<20xf32>) outs(%e : tensor<12xf32>)
      epilogue (%b : tensor<12xf32>) [affine_map<(i) -> (i)>] {
    ^bb0(%s: f32, %d: f32):
      %1 = arith.maximumf %s, %d : f32
      sparsec.yield %1 : f32
  } -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// A window of a size that is not known: what tiling leaves at the end.
// CHECK-LABEL: func.func @window
// CHECK: call @sparsec_kernel
// CHECK-LABEL: func.func private @sparsec_kernel
func.func @window(%x: tensor<20xf32>, %i: index, %n: index) -> tensor<?xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csr>
  %v = sparsec.window %c[%i, %n] : tensor<12x20xf32, #sparsec.csr> to tensor<?x20xf32, #sparsec.csr>
  %e = tensor.empty(%n) : tensor<?xf32>
  %0 = sparsec.matmul zero_init ins(%v, %x : tensor<?x20xf32, #sparsec.csr>, tensor<20xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// Updates with one column, enough of them for threads: partial results, each over
// rows of equal work, that are added up in order. Strict sums are not split.
// CHECK-LABEL: func.func @partial
// CHECK: %[[PARTS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<16x400xf32>
// CHECK: scf.parallel
// CHECK: call @sparsec_kernel
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]{{.*}} ins(%[[PARTS]]
// CHECK: memref.dealloc %[[PARTS]]
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: memref.subview {{.*}} : memref<16x400xf32> to memref<400xf32
// CHECK: linalg.fill
// CHECK: scf.while
// STRICT-LABEL: func.func @partial
// STRICT-NOT: scf.parallel
// STRICT: call @sparsec_kernel(%c0, %c400,
func.func @partial(%x: tensor<400xf32>) -> tensor<400xf32> {
  %w = arith.constant dense<1.0> : tensor<400x400xf32>
  %c = sparsec.compress %w : tensor<400x400xf32> to tensor<400x400xf32, #sparsec.csc>
  %e = tensor.empty() : tensor<400xf32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<400x400xf32, #sparsec.csc>, tensor<400xf32>) outs(%e : tensor<400xf32>) -> tensor<400xf32>
  return %0 : tensor<400xf32>
}

// -----

// A batch whose size is not known has two kernels; that of a vector needs nothing
// transposed.
// CHECK-LABEL: func.func @batch
// CHECK-SAME: %[[X:.*]]: memref<?x20xf32
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %{{.*}}, %c1
// CHECK: scf.if %[[ONE]] {
// CHECK-NOT: memref.alloc
// CHECK: memref.cast %[[X]] : memref<?x20xf32{{.*}} to memref<1x20xf32
// CHECK-NOT: memref.alloc
// CHECK: } else {
// CHECK: memref.alloc
func.func @batch(%x: tensor<?x20xf32>, %n: index) -> tensor<?x12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csr>
  %e = tensor.empty(%n) : tensor<?x12xf32>
  %0 = sparsec.matmul transpose_rhs zero_init ins(%x, %c : tensor<?x20xf32>, tensor<12x20xf32, #sparsec.csr>) outs(%e : tensor<?x12xf32>) -> tensor<?x12xf32>
  return %0 : tensor<?x12xf32>
}

// -----

// Bytes by bytes are widened to i32 and summed in it; the lanes of an expanded word
// move as f32 does. With strict they are the same, one by one.
// CHECK-LABEL: func.func @bytes
// CHECK-LABEL: func.func private @sparsec_kernel
// CHECK: arith.extsi %{{.*}} : vector<16xi8> to vector<16xi32>
// CHECK: "llvm.x86.avx512.mask.expand.v16f32"
// CHECK: vector.bitcast %{{.*}} : vector<16xf32> to vector<16xi32>
// CHECK: arith.muli %{{.*}} : vector<16xi32>
// CHECK: arith.addi %{{.*}} : vector<16xi32>
// STRICT-LABEL: func.func @bytes
// STRICT: arith.muli %{{.*}} : i32
// STRICT-NOT: mulf
// AVX2-LABEL: func.func @bytes
// AVX2: arith.extsi %{{.*}} : vector<8xi8> to vector<8xi32>
// AVX2: "llvm.x86.avx2.permps"
// AVX2: arith.muli %{{.*}} : vector<8xi32>
func.func @bytes(%x: tensor<128xi8>) -> tensor<12xi32> {
  %w = arith.constant dense<1> : tensor<12x128xi8>
  %c = sparsec.compress %w : tensor<12x128xi8> to tensor<12x128xi8, #sparsec.bitmask>
  %e = tensor.empty() : tensor<12xi32>
  %0 = sparsec.matmul zero_init ins(%c, %x : tensor<12x128xi8, #sparsec.bitmask>, tensor<128xi8>) outs(%e : tensor<12xi32>) -> tensor<12xi32>
  return %0 : tensor<12xi32>
}
