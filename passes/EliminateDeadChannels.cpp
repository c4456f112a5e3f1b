//===- EliminateDeadChannels.cpp - Rows and columns that do nothing -------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A channel between two products is dead where the weight behind it has no
// element for it, in any product that reads it, or where the weight before it
// has none and what becomes of the 0.0 on the way is 0.0 again. Removing one
// may leave another without readers, so chains are looked at until nothing
// changes.

#include "passes/ChannelChain.h"
#include "passes/Passes.h"

#include "dialect/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/BitVector.h"

namespace sparsec {
#define GEN_PASS_DEF_ELIMINATEDEADCHANNELS
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

/// What is known of each row or column of a weight.
struct Lines {
  llvm::BitVector nonzero;  ///< has an element that is stored
  llvm::BitVector infinite; ///< has an infinity or a NaN
};

struct EliminateDeadChannelsPass
    : sparsec::impl::EliminateDeadChannelsBase<EliminateDeadChannelsPass> {
  void runOnOperation() override {
    bool changed = true;
    while (changed) {
      changed = false;
      SmallVector<MatmulOp> products;
      getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
      // The last first: what nobody reads is known from the end.
      for (MatmulOp op : llvm::reverse(products))
        if (auto producer = WeightedProduct::match(op))
          if (auto chain = ChannelChain::find(*producer))
            changed |= shorten(*chain);
    }
  }

private:
  bool shorten(ChannelChain &chain);
};

} // namespace

/// The lines of a weight along `dim`; all in use if it cannot be read.
static Lines findLines(const WeightedProduct &product, unsigned dim) {
  auto type = cast<RankedTensorType>(product.elements.getType());
  int64_t count = type.getDimSize(dim);
  Lines lines{llvm::BitVector(count), llvm::BitVector(count)};
  FailureOr<ConstantBytes> bytes = getConstantBytes(product.elements, [&] {
    return const_cast<WeightedProduct &>(product).op.emitError();
  });
  if (failed(bytes)) {
    lines.nonzero.set();
    return lines;
  }
  unsigned width = getElementBytes(type.getElementType());
  int64_t cols = type.getDimSize(1);
  auto element = dyn_cast<FloatType>(type.getElementType());
  // Infinities and NaN have the bits of the largest exponent, all set.
  uint64_t exponent = element ? APFloat::getInf(element.getFloatSemantics())
                                    .bitcastToAPInt()
                                    .getZExtValue()
                              : 0;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes->bytes.data() + (bytes->isSplat ? 0 : i * width),
                width);
    if (!bits)
      continue;
    int64_t line = dim == 0 ? i / cols : i % cols;
    lines.nonzero.set(line);
    if (element && (bits & exponent) == exponent)
      lines.infinite.set(line);
  }
  return lines;
}

bool EliminateDeadChannelsPass::shorten(ChannelChain &chain) {
  Lines before = findLines(chain.producer, chain.producer.outputDim);
  llvm::BitVector read(chain.size()), infinite(chain.size());
  for (const WeightedProduct &consumer : chain.consumers) {
    Lines lines = findLines(consumer, 1 - consumer.outputDim);
    read |= lines.nonzero;
    infinite |= lines.infinite;
  }
  SmallVector<int64_t> kept;
  for (int64_t channel = 0; channel < chain.size(); ++channel) {
    bool dead =
        !read[channel] || (!before.nonzero[channel] && !infinite[channel] &&
                           chain.isZeroAtEnd(channel));
    if (!dead)
      kept.push_back(channel);
  }
  if (kept.empty() && chain.size() > 0)
    kept.push_back(0); // a tensor has to have a size
  if (int64_t(kept.size()) == chain.size())
    return false;
  numRemoved += chain.size() - kept.size();
  chain.keep(kept);
  return true;
}
