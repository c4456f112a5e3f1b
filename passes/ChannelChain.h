//===- ChannelChain.h - From one product to the next ---------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The outputs of a product are the channels of a tensor, which elementwise
// operations carry to the products that read it. A chain is all of that: a
// product, what is computed from its result element by element, and the
// products at the end, each with a constant weight of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_CHANNELCHAIN_H
#define SPARSEC_PASSES_CHANNELCHAIN_H

#include "dialect/Ops.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <vector>

namespace sparsec {

/// A product with a constant weight that nothing else uses.
struct WeightedProduct {
  MatmulOp op;
  CompressOp weight;
  mlir::ElementsAttr elements;
  unsigned outputDim = 0; ///< the dimension of the weight that is not summed

  static std::optional<WeightedProduct> match(MatmulOp op);
  bool onLeft() const;
  /// The dimension of the other operand that is summed over.
  unsigned getOperandChannel() const;
  /// The dimension of the result that runs over the weight's outputs.
  unsigned getResultChannel() const;
};

class ChannelChain {
public:
  /// The chain that starts at a product. Nothing if its result leaves the
  /// chain: is returned, reshaped, or meets a tensor that is not a constant.
  static std::optional<ChannelChain> find(WeightedProduct producer);

  int64_t size() const;
  /// Whether a channel that is +0.0 in the product is a zero in all that is
  /// read at the end.
  bool isZeroAtEnd(int64_t channel) const;

  /// Keeps the channels listed, in ascending order, in the weights, in the
  /// elementwise operations between, and in the constants that these read.
  void keep(llvm::ArrayRef<int64_t> channels);

  WeightedProduct producer;
  std::vector<WeightedProduct> consumers;

private:
  bool addUsers(mlir::Value value, unsigned channel);
  bool addElementwise(mlir::linalg::LinalgOp op, mlir::OpOperand &use,
                      unsigned channel);
  bool hasKnownOperands(mlir::linalg::LinalgOp op, unsigned loop) const;
  mlir::Attribute
  evaluate(mlir::linalg::LinalgOp op, int64_t channel,
           const llvm::DenseMap<mlir::Value, mlir::Attribute> &values) const;

  /// The elementwise operations, and the loop of each that runs over channels.
  llvm::MapVector<mlir::Operation *, unsigned> elementwise;
  /// The tensors of the chain, and the dimension of each that is the channel.
  llvm::DenseMap<mlir::Value, unsigned> tensors;
};

/// The elements `indices` along a dimension of a constant.
mlir::ElementsAttr gatherElements(mlir::ElementsAttr elements, unsigned dim,
                                  llvm::ArrayRef<int64_t> indices);

} // namespace sparsec

#endif // SPARSEC_PASSES_CHANNELCHAIN_H
