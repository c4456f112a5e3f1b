//===- PruneMasks.h - Which elements a pruner drops ----------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_PRUNEMASKS_H
#define SPARSEC_PASSES_PRUNEMASKS_H

#include "passes/ConstantReader.h"

#include "llvm/ADT/BitVector.h"

namespace sparsec {

enum class PruneMode { Magnitude, Row, Column, Channel, Block, NM };

struct PruneRules {
  PruneMode mode = PruneMode::Magnitude;
  double sparsity = 0;   ///< the fraction to drop
  double threshold = -1; ///< of magnitudes: drops those up to it, if >= 0
  int64_t block = 8;     ///< rows and columns of a block
  int64_t n = 2, m = 4;  ///< n of m are kept
};

/// Whether a tensor of this shape can be pruned so: rows, columns and blocks
/// are those of a matrix.
bool suits(const PruneRules &rules, llvm::ArrayRef<int64_t> shape);

/// The elements to drop, in row-major order.
llvm::BitVector findPruned(const PruneRules &rules,
                           llvm::ArrayRef<int64_t> shape,
                           const ConstantReader &elements);

} // namespace sparsec

#endif // SPARSEC_PASSES_PRUNEMASKS_H
