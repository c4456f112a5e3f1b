//===- Attrs.cpp - Formats as encodings of tensor types -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Attrs.h"

#include "dialect/Dialect.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace sparsec;

#include "dialect/AttrInterfaces.cpp.inc"

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

FormatAttrInterface sparsec::getFormat(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? dyn_cast_if_present<FormatAttrInterface>(tensor.getEncoding())
                : FormatAttrInterface();
}

RankedTensorType sparsec::getDenseType(RankedTensorType type) {
  return RankedTensorType::get(type.getShape(), type.getElementType());
}

RankedTensorType sparsec::getCompressedType(RankedTensorType type,
                                            Attribute format) {
  return RankedTensorType::get(type.getShape(), type.getElementType(), format);
}

unsigned sparsec::getElementBytes(Type elementType) {
  return elementType.getIntOrFloatBitWidth() / 8;
}

static Type getEntryType(formats::ComponentType type, Type elementType) {
  MLIRContext *context = elementType.getContext();
  switch (type) {
  case formats::ComponentType::Element:
    return elementType;
  case formats::ComponentType::U16:
    return IntegerType::get(context, 16);
  case formats::ComponentType::U32:
    return IntegerType::get(context, 32);
  case formats::ComponentType::U64:
    return IntegerType::get(context, 64);
  }
  llvm_unreachable("unknown component type");
}

SmallVector<RankedTensorType> sparsec::getComponentTypes(RankedTensorType type,
                                                         int64_t stored) {
  formats::FormatPtr layout = getFormat(type).getLayout();
  auto specs = [&](int64_t rows, int64_t cols) {
    return layout->components(
        rows, cols, ShapedType::isDynamic(stored) ? formats::kUnknown : stored);
  };
  // A dimension of a component is dynamic if it follows a dynamic dimension of
  // the matrix: found by asking for two sizes of that dimension.
  auto size = [&](int64_t dim, int64_t ifDynamic) {
    return type.isDynamicDim(dim) ? ifDynamic : type.getDimSize(dim);
  };
  auto low = specs(size(0, 0), size(1, 0));
  auto high = specs(size(0, 1 << 12), size(1, 1 << 12));
  SmallVector<RankedTensorType> types;
  for (auto [a, b] : llvm::zip_equal(low, high)) {
    SmallVector<int64_t> shape;
    for (auto [x, y] : llvm::zip_equal(a.shape, b.shape))
      shape.push_back(x == y && x != formats::kUnknown ? x
                                                       : ShapedType::kDynamic);
    types.push_back(RankedTensorType::get(
        shape, getEntryType(a.type, type.getElementType())));
  }
  return types;
}

Attribute sparsec::getFormatAttr(MLIRContext *context,
                                 const formats::Format &layout) {
  // The spelling is what the dialect prints, so the parser is the one mapping.
  return parseAttribute("#sparsec." + layout.spelling(), context);
}

//===----------------------------------------------------------------------===//
// What every format checks of the type that it encodes
//===----------------------------------------------------------------------===//

static LogicalResult
verifyFormat(FormatAttrInterface format, ArrayRef<int64_t> shape,
             Type elementType, function_ref<InFlightDiagnostic()> emitError) {
  if (shape.size() != 2)
    return emitError() << "'" << format
                       << "' encodes matrices: expected rank 2, got rank "
                       << shape.size();
  if (!elementType.isIntOrFloat() ||
      !llvm::is_contained({8u, 16u, 32u, 64u},
                          elementType.getIntOrFloatBitWidth()))
    return emitError() << "'" << format
                       << "' stores elements of 8, 16, 32 or 64 bits, got "
                       << elementType;
  formats::FormatPtr layout = format.getLayout();
  if (!layout)
    return success();
  auto known = [](int64_t size) {
    return ShapedType::isDynamic(size) ? 0 : size;
  };
  formats::Status status = layout->supports(known(shape[0]), known(shape[1]));
  if (!status.ok())
    return emitError() << "'" << format << "': " << status.message();
  return success();
}

#define SPARSEC_VERIFY_ENCODING(ATTR)                                          \
  LogicalResult ATTR::verifyEncoding(                                          \
      ArrayRef<int64_t> shape, Type elementType,                               \
      function_ref<InFlightDiagnostic()> emitError) const {                    \
    return verifyFormat(*this, shape, elementType, emitError);                 \
  }
SPARSEC_VERIFY_ENCODING(AutoAttr)
SPARSEC_VERIFY_ENCODING(BitmaskAttr)
SPARSEC_VERIFY_ENCODING(CSRAttr)
SPARSEC_VERIFY_ENCODING(CSCAttr)
SPARSEC_VERIFY_ENCODING(BlockAttr)
#undef SPARSEC_VERIFY_ENCODING

//===----------------------------------------------------------------------===//
// The formats
//===----------------------------------------------------------------------===//

formats::FormatPtr AutoAttr::getLayout() const { return nullptr; }

formats::FormatPtr BitmaskAttr::getLayout() const {
  return formats::makeBitmask();
}

formats::FormatPtr CSRAttr::getLayout() const {
  return formats::makeCsr(getIndexBits());
}

formats::FormatPtr CSCAttr::getLayout() const {
  return formats::makeCsc(getIndexBits());
}
unsigned CSCAttr::getOuterDim() const { return 1; }

formats::FormatPtr BlockAttr::getLayout() const {
  return formats::makeBlock(getSize());
}
int64_t BlockAttr::getWindowGranule() const { return getSize(); }

//===----------------------------------------------------------------------===//
// Parameters: `<index = i16>` and `<8x8>`
//===----------------------------------------------------------------------===//

static constexpr unsigned kDefaultIndexBits = 32;

static LogicalResult
verifyIndexBits(function_ref<InFlightDiagnostic()> emitError, unsigned bits) {
  if (bits == 16 || bits == 32)
    return success();
  return emitError() << "expected index type i16 or i32, got i" << bits;
}

LogicalResult CSRAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                              unsigned indexBits) {
  return verifyIndexBits(emitError, indexBits);
}
LogicalResult CSCAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                              unsigned indexBits) {
  return verifyIndexBits(emitError, indexBits);
}

/// `auto` and `bitmask` stand alone.
template <typename AttrT> static Attribute parseBare(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalLess())) {
    parser.emitError(loc) << "'" << AttrT::getMnemonic()
                          << "' takes no parameters";
    return {};
  }
  return AttrT::get(parser.getContext());
}

Attribute AutoAttr::parse(AsmParser &parser, Type) {
  return parseBare<AutoAttr>(parser);
}
void AutoAttr::print(AsmPrinter &) const {}
Attribute BitmaskAttr::parse(AsmParser &parser, Type) {
  return parseBare<BitmaskAttr>(parser);
}
void BitmaskAttr::print(AsmPrinter &) const {}

template <typename AttrT> static Attribute parseIndexed(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  unsigned bits = kDefaultIndexBits;
  if (succeeded(parser.parseOptionalLess())) {
    IntegerType type;
    if (parser.parseKeyword("index") || parser.parseEqual() ||
        parser.parseType(type) || parser.parseGreater())
      return {};
    bits = type.getWidth();
  }
  return AttrT::getChecked([&] { return parser.emitError(loc); },
                           parser.getContext(), bits);
}

static void printIndexed(AsmPrinter &printer, unsigned bits) {
  if (bits != kDefaultIndexBits)
    printer << "<index = i" << bits << ">";
}

Attribute CSRAttr::parse(AsmParser &parser, Type) {
  return parseIndexed<CSRAttr>(parser);
}
void CSRAttr::print(AsmPrinter &printer) const {
  printIndexed(printer, getIndexBits());
}
Attribute CSCAttr::parse(AsmParser &parser, Type) {
  return parseIndexed<CSCAttr>(parser);
}
void CSCAttr::print(AsmPrinter &printer) const {
  printIndexed(printer, getIndexBits());
}

LogicalResult BlockAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                unsigned size) {
  if (formats::makeBlock(size))
    return success();
  return emitError() << "expected blocks of 4x4, 8x8, 16x16 or 32x32, got "
                     << size << "x" << size;
}

Attribute BlockAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> dims;
  if (parser.parseLess() ||
      parser.parseDimensionList(dims, /*allowDynamic=*/false,
                                /*withTrailingX=*/false) ||
      parser.parseGreater())
    return {};
  if (dims.size() != 2 || dims[0] != dims[1]) {
    parser.emitError(loc) << "expected a square block such as <8x8>";
    return {};
  }
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    static_cast<unsigned>(std::min<int64_t>(dims[0], 1 << 20)));
}

void BlockAttr::print(AsmPrinter &printer) const {
  printer << "<" << getSize() << "x" << getSize() << ">";
}
