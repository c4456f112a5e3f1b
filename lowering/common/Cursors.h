//===- Cursors.h - The cursor of each format ------------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by makeCursor only.

#ifndef SPARSEC_LOWERING_COMMON_CURSORS_H
#define SPARSEC_LOWERING_COMMON_CURSORS_H

#include "lowering/common/Cursor.h"

namespace sparsec {

std::unique_ptr<Cursor> makeBitmaskCursor(const WeightStorage &storage,
                                          const VectorUnit &unit);
std::unique_ptr<Cursor> makeIndexedCursor(const WeightStorage &storage);
std::unique_ptr<Cursor> makeBlockCursor(const WeightStorage &storage,
                                        const VectorUnit &unit);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_CURSORS_H
