//===- FromConvolutions.cpp - Convolutions with a sparse filter -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A convolution is the product of its filter, seen as a matrix, with patches of
// the image (im2col: Chellapilla, Puri, Simard, "High Performance Convolutional
// Neural Networks for Document Processing", 2006). With a dense filter patches
// cost more than they bring; with a sparse one the product reads a fraction of
// what the convolution would.
//
// Images of a batch are taken one by one, so that patches of one are all there
// is. The reduction is in the order of the convolution's loops: c, kh, kw for
// channels first, kh, kw, c for channels last.

#include "passes/Passes.h"

#include "dialect/Constants.h"
#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace sparsec {
#define GEN_PASS_DEF_FROMCONVOLUTIONS
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

/// A convolution of images with a constant filter. Dimensions of one image are
/// its channels and its pixels, channels first or last.
struct Convolution {
  linalg::LinalgOp op;
  ElementsAttr filter;
  bool channelsFirst;
  bool filterTransposed; ///< channels last, and outputs of the filter first
  int64_t channels, outputs;
  int64_t in[2], kernel[2], out[2], strides[2], dilations[2];

  int64_t depth() const { return channels * kernel[0] * kernel[1]; }
  int64_t pixels() const { return out[0] * out[1]; }
  bool readsPixels() const {
    return kernel[0] == 1 && kernel[1] == 1 && in[0] == out[0] &&
           in[1] == out[1];
  }
};

struct FromConvolutionsPass
    : sparsec::impl::FromConvolutionsBase<FromConvolutionsPass> {
  using FromConvolutionsBase::FromConvolutionsBase;

  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> all;
    getOperation()->walk([&](linalg::LinalgOp op) { all.push_back(op); });
    for (linalg::LinalgOp op : all) {
      std::optional<Convolution> conv = match(op);
      FailureOr<bool> sparse = conv ? isSparse(*conv) : FailureOr<bool>(false);
      if (failed(sparse))
        return signalPassFailure();
      if (!*sparse)
        continue;
      convert(*conv);
      ++numConverted;
    }
  }

private:
  std::optional<Convolution> match(linalg::LinalgOp op);
  FailureOr<bool> isSparse(const Convolution &conv);
  void convert(Convolution &conv);
  Value convertImage(OpBuilder &b, Convolution &conv, Value weight, Value image,
                     Value init);

  unsigned numUnnamed = 0;
};

} // namespace

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// All sizes but that of the batch have to be known.
std::optional<Convolution> FromConvolutionsPass::match(linalg::LinalgOp op) {
  Convolution conv;
  conv.op = op;
  conv.channelsFirst = isa<linalg::Conv2DNchwFchwOp>(op);
  conv.filterTransposed = isa<linalg::Conv2DNhwcFhwcOp>(op);
  if (!conv.channelsFirst && !conv.filterTransposed &&
      !isa<linalg::Conv2DNhwcHwcfOp>(op))
    return std::nullopt;
  conv.filter = getConstantElements(op->getOperand(1));
  if (!op.hasPureTensorSemantics() || !conv.filter)
    return std::nullopt;
  RankedTensorType image = getTensorType(op->getOperand(0));
  RankedTensorType result = getTensorType(op->getOperand(2));
  auto isFixed = [](RankedTensorType type) {
    return llvm::none_of(type.getShape().drop_front(), ShapedType::isDynamic) &&
           isa<FloatType>(type.getElementType()) &&
           isWeightType(type.getElementType());
  };
  auto filter = cast<RankedTensorType>(conv.filter.getType());
  if (!isFixed(image) || !isFixed(result) || !isFixed(filter))
    return std::nullopt;

  unsigned first = conv.channelsFirst ? 2 : 1;
  unsigned window = conv.channelsFirst ? 2 : conv.filterTransposed ? 1 : 0;
  conv.channels = image.getDimSize(conv.channelsFirst ? 1 : 3);
  conv.outputs = result.getDimSize(conv.channelsFirst ? 1 : 3);
  auto strides = op->getAttrOfType<DenseIntElementsAttr>("strides");
  auto dilations = op->getAttrOfType<DenseIntElementsAttr>("dilations");
  for (unsigned d = 0; d < 2; ++d) {
    conv.in[d] = image.getDimSize(first + d);
    conv.kernel[d] = filter.getDimSize(window + d);
    conv.out[d] = result.getDimSize(first + d);
    conv.strides[d] = strides ? strides.getValues<int64_t>()[d] : 1;
    conv.dilations[d] = dilations ? dilations.getValues<int64_t>()[d] : 1;
  }
  if (conv.depth() == 0 || conv.outputs == 0 || conv.pixels() == 0)
    return std::nullopt;
  return conv;
}

/// The filter as a matrix: outputs by depth, or depth by outputs.
static ElementsAttr getMatrix(const Convolution &conv) {
  SmallVector<int64_t, 2> shape{conv.depth(), conv.outputs};
  if (conv.channelsFirst || conv.filterTransposed)
    std::swap(shape[0], shape[1]);
  return reshapeElements(
      conv.filter, RankedTensorType::get(shape, conv.filter.getElementType()));
}

FailureOr<bool> FromConvolutionsPass::isSparse(const Convolution &conv) {
  linalg::LinalgOp op = conv.op;
  ElementsAttr matrix = getMatrix(conv);
  if (!matrix)
    return false;
  int64_t bytes = conv.readsPixels() ? 0
                                     : conv.depth() * conv.pixels() *
                                           getElementBytes(getElementTypeOrSelf(
                                               op->getOperand(0).getType()));
  if (patchBytes > 0 && bytes > patchBytes)
    return false;
  FailureOr<formats::DenseView> view =
      getConstantMatrix(matrix, [&] { return op->emitError(); });
  if (failed(view))
    return failure();
  formats::Statistics stats = formats::analyze(*view);
  bool single = getTensorType(op->getOperand(0)).getDimSize(0) == 1;
  return stats.density() <= maxDensity &&
         (single || stats.nnz * conv.pixels() >= imageWork);
}

/// A tensor in another grouping of the same elements.
static Value reshape(OpBuilder &b, Location loc, Value value,
                     ArrayRef<int64_t> shape,
                     ArrayRef<ReassociationIndices> groups) {
  auto type =
      RankedTensorType::get(shape, getTensorType(value).getElementType());
  if (type == value.getType())
    return value;
  if (type.getRank() < getTensorType(value).getRank())
    return tensor::CollapseShapeOp::create(b, loc, type, value, groups);
  return tensor::ExpandShapeOp::create(b, loc, type, value, groups);
}

/// What the filter is multiplied with: [depth, pixels] of an image with
/// channels first, [pixels, depth] of one with channels last.
static Value makePatches(OpBuilder &b, Location loc, const Convolution &conv,
                         Value image) {
  int64_t depth = conv.depth(), pixels = conv.pixels();
  SmallVector<int64_t, 2> shape{depth, pixels};
  if (!conv.channelsFirst)
    std::swap(shape[0], shape[1]);
  if (conv.readsPixels())
    return conv.channelsFirst ? reshape(b, loc, image, shape, {{0}, {1, 2}})
                              : reshape(b, loc, image, shape, {{0, 1}, {2}});

  // Loops c, kh, kw, oh, ow, or oh, ow, kh, kw, c.
  unsigned c = conv.channelsFirst ? 0 : 4, k = conv.channelsFirst ? 1 : 2,
           o = conv.channelsFirst ? 3 : 0;
  SmallVector<int64_t, 5> sizes(5);
  SmallVector<AffineExpr, 2> pixel;
  sizes[c] = conv.channels;
  for (unsigned d = 0; d < 2; ++d) {
    sizes[k + d] = conv.kernel[d];
    sizes[o + d] = conv.out[d];
    pixel.push_back(b.getAffineDimExpr(o + d) * conv.strides[d] +
                    b.getAffineDimExpr(k + d) * conv.dilations[d]);
  }
  AffineExpr channel = b.getAffineDimExpr(c);
  SmallVector<AffineExpr, 3> from{channel, pixel[0], pixel[1]};
  if (!conv.channelsFirst)
    from = {pixel[0], pixel[1], channel};
  Value empty = tensor::EmptyOp::create(b, loc, sizes,
                                        getTensorType(image).getElementType());
  SmallVector<AffineMap, 2> maps{AffineMap::get(5, 0, from, b.getContext()),
                                 b.getMultiDimIdentityMap(5)};
  SmallVector<utils::IteratorType> kinds(5, utils::IteratorType::parallel);
  Value patches = linalg::GenericOp::create(
                      b, loc, empty.getType(), image, empty, maps, kinds,
                      [](OpBuilder &b, Location loc, ValueRange args) {
                        linalg::YieldOp::create(b, loc, args[0]);
                      })
                      .getResult(0);
  return conv.channelsFirst
             ? reshape(b, loc, patches, shape, {{0, 1, 2}, {3, 4}})
             : reshape(b, loc, patches, shape, {{0, 1}, {2, 3, 4}});
}

/// The convolution of one image, without the dimension of the batch.
Value FromConvolutionsPass::convertImage(OpBuilder &b, Convolution &conv,
                                         Value weight, Value image,
                                         Value init) {
  Location loc = conv.op.getLoc();
  Value patches = makePatches(b, loc, conv, image);
  SmallVector<ReassociationIndices, 2> groups{{0}, {1, 2}};
  SmallVector<int64_t, 2> shape{conv.outputs, conv.pixels()};
  if (!conv.channelsFirst) {
    groups = {{0, 1}, {2}};
    std::swap(shape[0], shape[1]);
  }
  Value sums = reshape(b, loc, init, shape, groups);
  Value result =
      conv.channelsFirst
          ? MatmulOp::create(b, loc, weight, patches, sums).getResult()
          : MatmulOp::create(b, loc, patches, weight, sums,
                             /*transpose_lhs=*/false, conv.filterTransposed)
                .getResult();
  return reshape(b, loc, result, getTensorType(init).getShape(), groups);
}

void FromConvolutionsPass::convert(Convolution &conv) {
  OpBuilder b(conv.op);
  Location loc = conv.op.getLoc();
  Value images = conv.op->getOperand(0), init = conv.op->getOperand(2);
  ElementsAttr matrix = getMatrix(conv);
  Value constant = arith::ConstantOp::create(b, conv.op->getOperand(1).getLoc(),
                                             cast<TypedAttr>(matrix));
  auto compress = CompressOp::create(
      b, loc,
      getCompressedType(getTensorType(constant), AutoAttr::get(&getContext())),
      constant);
  StringRef name = getConstantName(conv.filter);
  NamedAttrList info;
  if (auto note = conv.op->getAttrOfType<DictionaryAttr>(kWeightAttrName))
    info = NamedAttrList(note);
  if (!info.get("name"))
    info.set("name",
             b.getStringAttr(name.empty() ? "filter" + Twine(numUnnamed++)
                                          : Twine(name)));
  compress->setAttr(kWeightAttrName, info.getDictionary(&getContext()));

  ArrayRef<int64_t> imageShape = getTensorType(images).getShape().drop_front();
  ArrayRef<int64_t> resultShape = getTensorType(init).getShape().drop_front();
  auto imageType =
      RankedTensorType::get(imageShape, getTensorType(images).getElementType());
  auto resultType =
      RankedTensorType::get(resultShape, getTensorType(init).getElementType());
  // One image of the batch: offsets, sizes, strides.
  auto place = [&](OpFoldResult number, ArrayRef<int64_t> shape) {
    SmallVector<Range> ranges{{number, b.getIndexAttr(1), b.getIndexAttr(1)}};
    for (int64_t size : shape)
      ranges.push_back(
          {b.getIndexAttr(0), b.getIndexAttr(size), b.getIndexAttr(1)});
    return getOffsetsSizesAndStrides(ranges);
  };
  auto slice = [&](OpBuilder &b, Value batch, RankedTensorType type,
                   OpFoldResult number) -> Value {
    auto [offsets, sizes, strides] = place(number, type.getShape());
    return tensor::ExtractSliceOp::create(b, loc, type, batch, offsets, sizes,
                                          strides);
  };
  auto insert = [&](OpBuilder &b, Value image, Value batch,
                    OpFoldResult number) -> Value {
    auto [offsets, sizes, strides] = place(number, resultShape);
    return tensor::InsertSliceOp::create(b, loc, image, batch, offsets, sizes,
                                         strides);
  };

  Value result;
  Value weight = compress.getCompressed();
  if (getTensorType(images).getDimSize(0) == 1 &&
      getTensorType(init).getDimSize(0) == 1) {
    SmallVector<ReassociationIndices, 3> unit{{0, 1}, {2}, {3}};
    Value one =
        convertImage(b, conv, weight, reshape(b, loc, images, imageShape, unit),
                     reshape(b, loc, init, resultShape, unit));
    result = reshape(b, loc, one, getTensorType(init).getShape(), unit);
  } else {
    Value count = b.createOrFold<tensor::DimOp>(loc, images, 0);
    auto loop = scf::ForOp::create(
        b, loc, arith::ConstantIndexOp::create(b, loc, 0), count,
        arith::ConstantIndexOp::create(b, loc, 1), init,
        [&](OpBuilder &b, Location loc, Value number, ValueRange args) {
          Value one =
              convertImage(b, conv, weight, slice(b, images, imageType, number),
                           slice(b, args[0], resultType, number));
          scf::YieldOp::create(b, loc, insert(b, one, args[0], number));
        });
    result = loop.getResult(0);
  }
  conv.op->getResult(0).replaceAllUsesWith(result);
  conv.op->erase();
}
