//===- Select.h - Which format suits a matrix ----------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_SELECT_H
#define SPARSEC_RUNTIME_FORMATS_SELECT_H

#include "runtime/formats/Format.h"

#include <string>
#include <vector>

namespace sparsec::formats {

/// The thresholds of the selection rules. Fractions, in [0, 1].
struct SelectionRules {
  double denseThreshold = 0.50; ///< dense below this sparsity
  double blockThreshold = 0.75; ///< block format only below this sparsity
  double blockDensity = 0.20;   ///< least mean density of occupied blocks
  unsigned blockSize = 8;
  bool preferColumns = false; ///< csc for A^T x, rather than csr for A x
  bool forceSparse = false;   ///< never dense
};

/// A format and the sentence that says why it was chosen. A null format is
/// dense.
struct Selection {
  FormatPtr format;
  std::string reason;
};

/// Chooses by sparsity and block structure:
///
///   sparsity < denseThreshold and not forceSparse     dense
///   sparsity < blockThreshold and block structure     block
///   otherwise, preferColumns                          csc
///   otherwise                                         bitmask where it stores
///                                                     less than csr, else csr
///
/// A matrix has block structure if some blocks are nearly empty and others are
/// not (the variance of the density over all blocks exceeds 0.05) and the
/// occupied ones are worth storing whole (mean density >= blockDensity).
Selection select(const Statistics &stats, const SelectionRules &rules);

/// A format that a matrix could have, null for dense, and what it would take.
struct Candidate {
  FormatPtr format;
  int64_t bytes;

  std::string spelling() const { return format ? format->spelling() : "dense"; }
};

/// All of them in a fixed order, dense first.
std::vector<Candidate> candidates(const Statistics &stats);

/// Chooses the one with the fewest bytes, the first of those that tie.
Selection selectSmallest(const std::vector<Candidate> &candidates);

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_SELECT_H
