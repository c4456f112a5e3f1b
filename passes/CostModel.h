//===- CostModel.h - What a product costs in each format ------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cost table has one line for each format, product and element type, and a
// line has the nanoseconds of everything that a kernel does:
//
//   fixed                          a call
//   outer    x rows x tiles        a sum or an update of one row of the weight,
//                                  or column, or row of blocks
//   step     x steps x tiles       a word of a mask, a block
//   entry    x entries x tiles     an element: its load, its index
//   vector   x entries x vectors   a multiply-add of a vector, its load
//   operand  x inputs x vectors    bringing in a vector of the other operand
//   result   x outputs x vectors   writing a vector of the result
//
// On a card that is what all of it takes together. No product takes less than
// one wave does, however many others there are beside it:
//
//   wave fixed
//   wave input    x inputs
//   wave step     x steps / rows
//   wave entry    x entries / rows
//
// The columns of a product are `vectors` of `lanes` elements, and up to four of
// these are a `tile`, for which the weight is gone through once. How many rows,
// steps and entries a weight has in a format, formats::Work says. Tables are
// JSON files (docs/cost-model.md), measured by benchmarks/calibrate.py.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_COSTMODEL_H
#define SPARSEC_PASSES_COSTMODEL_H

#include "runtime/formats/Format.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sparsec {

/// One multiplication with a weight.
struct Product {
  /// The weight's element type, "f32"; "i8 x float" if only the weight is of
  /// integers.
  std::string dtype;
  bool transposed = false; ///< A^T x rather than A x
  int64_t columns = 1;     ///< of x
  /// Whether the columns of x, and of the result, are its rows in memory and
  /// have to be moved.
  bool movesOperand = false, movesResult = false;
};

class CostTable {
public:
  static llvm::Expected<CostTable> parse(llvm::StringRef text);
  /// The table for a target in a file or, where `path` is empty, the one that
  /// comes with sparsec. The error names the file, or what to do without one.
  static llvm::Expected<CostTable> load(llvm::StringRef target,
                                        llvm::StringRef path);

  /// The seconds of a product with a weight in a format, null for dense.
  /// Nothing if no line of the table covers it.
  std::optional<double> predict(const Product &product,
                                const formats::Statistics &stats,
                                const formats::Format *format) const;

  /// Whether parts of a weight take what is predicted of them: where kernels
  /// run one after the other, a small one leaves most of a card idle.
  bool splits() const { return splitsWeights; }

private:
  struct Line {
    std::string format, product, dtype;
    /// The line is for densities and numbers of columns below these.
    double densityBelow = std::numeric_limits<double>::infinity();
    int64_t columnsBelow = std::numeric_limits<int64_t>::max();
    double fixed, outer, step, entry, vector, operand, result;
    double waveFixed = 0, waveInput = 0, waveStep = 0, waveEntry = 0;
    /// Part of the work that more threads take off the first.
    double scaling;
  };

  const Line *find(const Product &product, double density,
                   const formats::Format *format) const;

  std::string targetName;
  int64_t lanes = 1;
  int64_t threads = 1;
  /// Multiply-adds from which on threads are started, and what that takes.
  int64_t parallelWork = 0;
  double parallel = 0;
  double move = 0; ///< nanoseconds of an element from rows to columns
  bool splitsWeights = false;
  std::vector<Line> lines;
};

} // namespace sparsec

#endif // SPARSEC_PASSES_COSTMODEL_H
