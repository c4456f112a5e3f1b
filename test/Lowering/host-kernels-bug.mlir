// RUN: sparsec-opt %s --sparsec-pack-weights --sparsec-host -verify-diagnostics

// FAILS TODAY: the weight is packed; what is missing is a static window size. Tiling
// makes such windows wherever the tile does not divide the rows.
func.func @dynamic_window(%x: tensor<20x7xf32>, %o: tensor<?x7xf32>, %i: index, %n: index) -> tensor<?x7xf32> {
  %w = arith.constant dense<1.0> : tensor<12x20xf32>
  %c = sparsec.compress %w : tensor<12x20xf32> to tensor<12x20xf32, #sparsec.csr>
  %win = sparsec.window %c[%i, %n] : tensor<12x20xf32, #sparsec.csr> to tensor<?x20xf32, #sparsec.csr>
  %0 = sparsec.matmul ins(%win, %x : tensor<?x20xf32, #sparsec.csr>, tensor<20x7xf32>) outs(%o : tensor<?x7xf32>) -> tensor<?x7xf32>
  return %0 : tensor<?x7xf32>
}
