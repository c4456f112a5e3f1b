//===- Bufferization.h - sparsec.matmul on buffers ------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_BUFFERIZATION_H
#define SPARSEC_LOWERING_COMMON_BUFFERIZATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace sparsec {

/// Products become products on memrefs. Their compressed operand stays a
/// tensor: a handle for its component arrays, which kernels look up.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_BUFFERIZATION_H
