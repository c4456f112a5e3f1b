// RUN: sparsec-opt %s -split-input-file --sparsec-set-batch=batch=4 -verify-diagnostics

// There is no batch to fix.
// expected-error @+1 {{no argument has a dynamic leading dimension}}
module {
  func.func @main(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
    return %x : tensor<2x?xf32>
  }
}
