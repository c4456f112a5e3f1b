//===- ConstantReader.cpp - The numbers in a constant ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/ConstantReader.h"

#include "runtime/formats/Elements.h"

using namespace mlir;
using namespace sparsec;

bool ConstantReader::takes(Type element) {
  return isWeightType(element) || isa<Float64Type>(element);
}

static float widen(Type element, uint64_t bits, unsigned width) {
  auto type = dyn_cast<FloatType>(element);
  if (!type)
    return float(int8_t(bits));
  APFloat value(type.getFloatSemantics(), APInt(width, bits));
  bool lossy;
  value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lossy);
  return value.convertToFloat();
}

FailureOr<ConstantReader>
ConstantReader::create(ElementsAttr elements,
                       function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<ConstantBytes> constant = getConstantBytes(elements, emitError);
  if (failed(constant))
    return failure();
  ConstantReader reader;
  reader.constant = *constant;
  Type element = elements.getElementType();
  reader.bytes = getElementBytes(element);
  if (unsigned width = 8 * reader.bytes; width <= 16)
    for (uint64_t bits = 0; bits < uint64_t(1) << width; ++bits)
      reader.table.push_back(widen(element, bits, width));
  return reader;
}

double ConstantReader::operator[](int64_t index) const {
  const char *data = constant.bytes.data();
  if (constant.isSplat)
    index = 0;
  switch (bytes) {
  case 1:
    return table[formats::load<uint8_t>(data, index)];
  case 2:
    return table[formats::load<uint16_t>(data, index)];
  case 4:
    return formats::load<float>(data, index);
  default:
    return formats::load<double>(data, index);
  }
}
