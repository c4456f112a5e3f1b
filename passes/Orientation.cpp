//===- Orientation.cpp - Which weights are stored transposed --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Orientation.h"

#include "dialect/Constants.h"

using namespace mlir;
using namespace sparsec;

/// The dimension of the weight in operand `side` that a product adds up along.
static unsigned getReductionDim(MatmulOp op, unsigned side) {
  bool transposed = side == 0 ? op.getTransposeLhs() : op.getTransposeRhs();
  return (side == 0) != transposed ? 1 : 0;
}

bool Orientation::addsAlongColumns(CompressOp op) {
  return !op->use_empty() && llvm::all_of(op->getUses(), [](OpOperand &use) {
    auto product = dyn_cast<MatmulOp>(use.getOwner());
    return product && getReductionDim(product, use.getOperandNumber()) == 0;
  });
}

Orientation::Orientation(ModuleOp module) {
  module.walk([&](CompressOp op) {
    RankedTensorType type = op.getCompressed().getType();
    ElementsAttr elements = getConstantElements(op.getDense());
    FormatAttrInterface format = getFormat(type);
    if (!elements || !format.isConcrete())
      return;
    auto [it, isNew] = transposed.try_emplace({elements, type}, true);
    it->second &= format.getOuterDim() == 0 && addsAlongColumns(op);
  });
}

RankedTensorType Orientation::getTransposedType(CompressOp op) const {
  RankedTensorType type = op.getCompressed().getType();
  if (!transposed.lookup({getConstantElements(op.getDense()), type}))
    return {};
  int64_t rows = type.getDimSize(1), cols = type.getDimSize(0);
  formats::FormatPtr layout =
      getTransposedLayout(getFormat(type).getLayout(), cols, rows);
  if (!layout)
    return {};
  return RankedTensorType::get({rows, cols}, type.getElementType(),
                               getFormatAttr(op.getContext(), *layout));
}

formats::FormatPtr Orientation::getTransposedLayout(formats::FormatPtr layout,
                                                    int64_t rows,
                                                    int64_t cols) {
  // Parameters that were the narrowest for the shape are so for the other one.
  auto narrowest = [&](int64_t rows, int64_t cols) {
    return formats::makeFormat(layout->name(), rows, cols);
  };
  if (narrowest(rows, cols)->spelling() == layout->spelling())
    layout = narrowest(cols, rows);
  return layout->supports(cols, rows).ok() ? layout : nullptr;
}

void Orientation::transposeUses(Value weight) {
  for (OpOperand &use : weight.getUses()) {
    auto product = cast<MatmulOp>(use.getOwner());
    if (use.getOperandNumber() == 0)
      product.setTransposeLhs(!product.getTransposeLhs());
    else
      product.setTransposeRhs(!product.getTransposeRhs());
  }
}
