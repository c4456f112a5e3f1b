//===- ConstantReader.h - The numbers in a constant ----------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_CONSTANTREADER_H
#define SPARSEC_PASSES_CONSTANTREADER_H

#include "dialect/Constants.h"

#include <vector>

namespace sparsec {

/// Reads the elements of a constant, in row-major order, as f64: exact for
/// every type that it takes. Refers to the bytes of the constant.
class ConstantReader {
public:
  /// Floats of up to 64 bits, and i8.
  static bool takes(mlir::Type element);

  /// Fails with a diagnostic if the constant is broken.
  static mlir::FailureOr<ConstantReader>
  create(mlir::ElementsAttr elements,
         llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

  double operator[](int64_t index) const;

private:
  ConstantBytes constant;
  unsigned bytes = 4;
  std::vector<float> table; ///< the value of each pattern of 8 or 16 bits
};

} // namespace sparsec

#endif // SPARSEC_PASSES_CONSTANTREADER_H
