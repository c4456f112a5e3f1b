// RUN: sparsec-opt %s -split-input-file --sparsec-select-format=format=csr -verify-diagnostics
// RUN: not sparsec-opt %s --sparsec-select-format=format=ell 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not sparsec-opt %s --sparsec-select-format=block-size=7 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not sparsec-opt %s --sparsec-select-format=preferred-op=diag 2>&1 | FileCheck %s --check-prefix=OP
// RUN: not sparsec-opt %s --sparsec-select-format=dense-threshold=50 2>&1 | FileCheck %s --check-prefix=FRACTION
// RUN: not sparsec-opt %s --sparsec-select-format=block-threshold=-0.1 2>&1 | FileCheck %s --check-prefix=FRACTION
// RUN: not sparsec-opt %s --sparsec-select-format=block-density=nan 2>&1 | FileCheck %s --check-prefix=FRACTION

// RUN: not sparsec-opt %s --sparsec-select-format=strategy=luck 2>&1 | FileCheck %s --check-prefix=STRATEGY
// RUN: not sparsec-opt %s --sparsec-select-format=columns=0 2>&1 | FileCheck %s --check-prefix=COLUMNS
// RUN: not sparsec-opt %s --sparsec-select-format="strategy=cost target=gfx900" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not sparsec-opt %s --sparsec-select-format=cost-table=%t.none 2>&1 | FileCheck %s --check-prefix=TABLE

// STRATEGY: error: sparsec-select-format: unknown strategy 'luck': use rules, size or cost
// COLUMNS: error: sparsec-select-format: columns must be at least 1, got 0
// TARGET: error: sparsec-select-format: there is no cost table for target 'gfx900': give one with cost-table, or use strategy rules or size
// TABLE: error: sparsec-select-format: cannot read cost table '{{.*}}.none': No such file or directory
// FORMAT: error: sparsec-select-format: unknown format 'ell': use auto, dense, bitmask, csr, csc or block
// SIZE: error: sparsec-select-format: block-size must be 4, 8, 16 or 32, got 7
// OP: error: sparsec-select-format: preferred-op must be row or col, got 'diag'
// FRACTION: error: sparsec-select-format: thresholds are fractions from 0 to 1

// The zeros of an argument are not known now.
func.func @argument(%x: tensor<2xf32>, %w: tensor<2x2xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{cannot choose a format for 'tensor<2x2xf32, #sparsec.auto>': its operand is not a constant; give the format in the type}}
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// The caller expects what the function's type says.
func.func @result() -> tensor<2x2xf32, #sparsec.auto> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-error @+1 {{cannot choose a format for 'tensor<2x2xf32, #sparsec.auto>': 'func.return' depends on its type; give the format in the type}}
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  return %c : tensor<2x2xf32, #sparsec.auto>
}

// -----

func.func private @callee(tensor<2x2xf32, #sparsec.auto>)
func.func @argument_of_call() {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-error @+1 {{'func.call' depends on its type; give the format in the type}}
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  call @callee(%c) : (tensor<2x2xf32, #sparsec.auto>) -> ()
  return
}
