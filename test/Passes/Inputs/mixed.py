# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products with a 192x64 weight whose first 64 rows are dense and whose others are
nearly empty."""

import struct

ROWS, COLUMNS, DENSE = 192, 64, 64
rows = b"".join(
    struct.pack(f"<{COLUMNS}f", *(1.0 if r < DENSE or c == r % 8 else 0.0
                            for c in range(COLUMNS)))
    for r in range(ROWS))
print("""
!auto = tensor<192x64xf32, #sparsec.auto>
!csr = tensor<192x64xf32, #sparsec.csr<index = i16>>

func.func @rows(%x: tensor<64x8xf32>, %b: tensor<192xf32>, %i: tensor<192x8xf32>)
    -> tensor<192x8xf32> {
  %w = arith.constant dense_resource<w> : tensor<192x64xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "w", removed_rows = 3 : i64}}
      : tensor<192x64xf32> to !auto
  %y = sparsec.matmul ins(%c, %x : !auto, tensor<64x8xf32>) outs(%i : tensor<192x8xf32>)
      epilogue (%b : tensor<192xf32>) [affine_map<(d0, d1) -> (d0)>] {
    ^bb0(%sum: f32, %bias: f32):
      %0 = arith.addf %sum, %bias : f32
      sparsec.yield %0 : f32
  } -> tensor<192x8xf32>
  return %y : tensor<192x8xf32>
}

func.func @columns(%x: tensor<?x64xf32>, %i: tensor<?x192xf32>) -> tensor<?x192xf32> {
  %v = arith.constant dense_resource<v> : tensor<192x64xf32>
  %c = sparsec.compress %v {sparsec.weight = {name = "v"}} : tensor<192x64xf32> to !auto
  %y = sparsec.matmul transpose_rhs ins(%x, %c : tensor<?x64xf32>, !auto)
      outs(%i : tensor<?x192xf32>) -> tensor<?x192xf32>
  return %y : tensor<?x192xf32>
}

func.func @both(%x: tensor<64xf32>, %i: tensor<192xf32>, %j: tensor<64xf32>)
    -> tensor<64xf32> {
  %u = arith.constant dense_resource<u> : tensor<192x64xf32>
  %c = sparsec.compress %u {sparsec.weight = {name = "u"}} : tensor<192x64xf32> to !auto
  %y = sparsec.matmul ins(%c, %x : !auto, tensor<64xf32>) outs(%i : tensor<192xf32>)
      -> tensor<192xf32>
  %z = sparsec.matmul ins(%y, %c : tensor<192xf32>, !auto) outs(%j : tensor<64xf32>)
      -> tensor<64xf32>
  return %z : tensor<64xf32>
}

func.func @given(%x: tensor<64xf32>, %i: tensor<192xf32>) -> tensor<192xf32> {
  %t = arith.constant dense_resource<t> : tensor<192x64xf32>
  %c = sparsec.compress %t {sparsec.weight = {name = "t"}} : tensor<192x64xf32> to !csr
  %y = sparsec.matmul ins(%c, %x : !csr, tensor<64xf32>) outs(%i : tensor<192xf32>)
      -> tensor<192xf32>
  return %y : tensor<192xf32>
}
""")
blobs = ", ".join(f'{name}: "0x04000000{rows.hex()}"' for name in "wvut")
print("{-# dialect_resources: { builtin: { " + blobs + " } } #-}")
