//===- StreamPlan.cpp - What a device holds of the weights ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What stays is never copied again, so as many weights as half of the budget
// holds stay, the smallest first: that leaves the fewest products to wait for
// copies. The rest of the budget is two places of equal size for windows. The
// weights are known, and so is the size of each window.

#include "passes/StreamPlan.h"

#include "dialect/Constants.h"
#include "lowering/common/StreamLayout.h"
#include "runtime/formats/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sparsec;

static int64_t getResidentBytes(RankedTensorType type) {
  int64_t bytes =
      type.getNumElements() * getElementBytes(type.getElementType());
  return llvm::alignTo(bytes, kStreamSlack) + kStreamSlack;
}

namespace {

struct Weight {
  AssembleOp op;
  int64_t residentBytes = 0;
  std::optional<formats::Windows> windows; ///< none: it has to stay
  int64_t granule = 1;

  int64_t leastPlace() const {
    return llvm::alignTo(windows->mostBytes(granule, kStreamSlack),
                         kStreamPlace);
  }
};

class StreamPlanner {
public:
  explicit StreamPlanner(ModuleOp module) { find(module); }

  FailureOr<SmallVector<StreamedProduct>> plan(ModuleOp module, int64_t budget);

private:
  void find(ModuleOp module);
  void findWindows(Weight &weight);
  int64_t chooseWindow(const Weight &weight, int64_t place) const;

  SmallVector<Weight> weights;
  int64_t otherBytes = 0; ///< of constants that are not part of a weight
};

} // namespace

/// Whether the order of all uses is known: products that come one after the
/// other.
static bool isUsedInOrder(AssembleOp op) {
  return llvm::all_of(op->getUses(), [](OpOperand &use) {
    auto product = dyn_cast<MatmulOp>(use.getOwner());
    return product && product.isTensorForm() &&
           product.getCompressedOperand() == use.getOperandNumber() &&
           isa<func::FuncOp>(product->getParentOp());
  });
}

void StreamPlanner::findWindows(Weight &weight) {
  RankedTensorType type = weight.op.getCompressed().getType();
  FormatAttrInterface format = getFormat(type);
  if (!type.hasStaticShape() || type.getNumElements() == 0 ||
      !isUsedInOrder(weight.op))
    return;
  formats::PackedView view;
  view.rows = type.getDimSize(0);
  view.cols = type.getDimSize(1);
  view.elementBytes = getElementBytes(type.getElementType());
  for (Value component : weight.op.getComponents()) {
    ElementsAttr elements = getConstantElements(component);
    auto bytes =
        elements
            ? getConstantBytes(elements, [&] { return weight.op.emitError(); })
            : FailureOr<ConstantBytes>();
    if (failed(bytes) || (bytes->isSplat && elements.getNumElements() != 1))
      return;
    view.components.push_back(
        {bytes->bytes.data(), int64_t(bytes->bytes.size())});
  }
  formats::Cut cut{format.getOuterDim(), format.getWindowGranule()};
  weight.granule = cut.granule;
  weight.windows.emplace(format.getLayout(), std::move(view), cut);
}

void StreamPlanner::find(ModuleOp module) {
  module.walk([&](AssembleOp op) {
    Weight weight;
    weight.op = op;
    for (Value component : op.getComponents())
      if (auto type = cast<RankedTensorType>(component.getType());
          type.hasStaticShape())
        weight.residentBytes += getResidentBytes(type);
    // A kernel may want an order of the rows beside their offsets.
    if (auto last = cast<RankedTensorType>(op.getComponents().back().getType());
        last.hasStaticShape())
      weight.residentBytes += getResidentBytes(last);
    findWindows(weight);
    weights.push_back(std::move(weight));
  });
  module.walk([&](arith::ConstantOp op) {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (type && type.hasStaticShape() &&
        !llvm::all_of(op->getUsers(), llvm::IsaPred<AssembleOp>))
      otherBytes += getResidentBytes(type);
  });
}

/// The most outer indices that any place holds, in windows of about one size.
int64_t StreamPlanner::chooseWindow(const Weight &weight, int64_t place) const {
  int64_t outer = weight.windows->outerSize(), granule = weight.granule;
  int64_t fits = 1, tooMany = llvm::divideCeil(outer, granule) + 1;
  while (tooMany - fits > 1) {
    int64_t middle = fits + (tooMany - fits) / 2;
    bool holds =
        weight.windows->mostBytes(middle * granule, kStreamSlack) <= place;
    (holds ? fits : tooMany) = middle;
  }
  int64_t count = llvm::divideCeil(outer, fits * granule);
  return std::min<int64_t>(
      outer, llvm::alignTo(llvm::divideCeil(outer, count), granule));
}

FailureOr<SmallVector<StreamedProduct>> StreamPlanner::plan(ModuleOp module,
                                                            int64_t budget) {
  SmallVector<StreamedProduct> products;
  SmallVector<const Weight *> candidates;
  int64_t fixed = otherBytes, all = otherBytes, place = 0;
  for (const Weight &weight : weights) {
    all += weight.residentBytes;
    if (!weight.windows) {
      fixed += weight.residentBytes;
      continue;
    }
    candidates.push_back(&weight);
    place = std::max(place, weight.leastPlace());
  }
  if (all <= budget)
    return products;
  int64_t least = std::min(all, fixed + 2 * place);
  if (candidates.empty() || budget < fixed + 2 * place)
    return module.emitError()
           << "a weight budget of " << budget
           << " bytes is too small: the smallest that works is "
           << (candidates.empty() ? all : least) << ", of which " << fixed
           << " are for constants that stay on the device";

  int64_t room = budget - fixed;
  int64_t staying = room - std::max(room / 2, 2 * place);
  // Of equal ones the first in the model: they are in one array.
  llvm::sort(candidates, [](const Weight *a, const Weight *b) {
    return std::pair(a->residentBytes, a) < std::pair(b->residentBytes, b);
  });
  ArrayRef<const Weight *> streamed = candidates;
  for (; streamed.front()->residentBytes <= staying;
       streamed = streamed.drop_front()) {
    staying -= streamed.front()->residentBytes;
    room -= streamed.front()->residentBytes;
  }
  place = room / 2 / kStreamPlace * kStreamPlace;
  for (const Weight *weight : streamed) {
    AssembleOp op = weight->op;
    op->setAttr(kStreamedAttrName, UnitAttr::get(op.getContext()));
    RankedTensorType type = op.getCompressed().getType();
    int64_t outer = getFormat(type).getOuterDim();
    int64_t window = chooseWindow(*weight, place);
    for (Operation *user : op->getUsers())
      products.push_back(
          {cast<MatmulOp>(user), outer, type.getDimSize(outer), window});
  }
  return products;
}

FailureOr<SmallVector<StreamedProduct>> sparsec::planStreams(ModuleOp module,
                                                             int64_t budget) {
  return StreamPlanner(module).plan(module, budget);
}
