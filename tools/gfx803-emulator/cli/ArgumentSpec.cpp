//===- ArgumentSpec.cpp - What --arg says ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/ArgumentSpec.h"

#include "tools/gfx803-emulator/machine/Config.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

using namespace gfx803::cli;
using namespace sparsec::tools;
using llvm::APFloat;
using llvm::StringRef;

namespace {
struct ElementType {
  const char *name;
  uint32_t dtype;
  unsigned bits;
  enum Kind { Float, Signed, Unsigned } kind;
};
} // namespace

static constexpr ElementType kTypes[] = {
    {"f16", SPARSEC_F16, 16, ElementType::Float},
    {"bf16", SPARSEC_BF16, 16, ElementType::Float},
    {"f32", SPARSEC_F32, 32, ElementType::Float},
    {"f64", SPARSEC_F64, 64, ElementType::Float},
    {"i8", SPARSEC_I8, 8, ElementType::Signed},
    {"i16", kNpyI16, 16, ElementType::Signed},
    {"i32", SPARSEC_I32, 32, ElementType::Signed},
    {"i64", SPARSEC_I64, 64, ElementType::Signed},
    {"u8", kNpyU8, 8, ElementType::Unsigned},
    {"u16", kNpyU16, 16, ElementType::Unsigned},
    {"u32", kNpyU32, 32, ElementType::Unsigned},
    {"u64", kNpyU64, 64, ElementType::Unsigned},
};

static const ElementType *findType(StringRef name) {
  for (const ElementType &type : kTypes)
    if (name == type.name)
      return &type;
  return nullptr;
}

static const llvm::fltSemantics &semantics(const ElementType &type) {
  switch (type.dtype) {
  case SPARSEC_F16:
    return APFloat::IEEEhalf();
  case SPARSEC_BF16:
    return APFloat::BFloat();
  case SPARSEC_F32:
    return APFloat::IEEEsingle();
  default:
    return APFloat::IEEEdouble();
  }
}

/// Digits of an integer; a signed type may have its value as bits, in hex.
static bool parseInteger(const ElementType &type, StringRef text,
                         uint64_t &bits) {
  bool negative = text.consume_front("-");
  bool hex = text.starts_with("0x") || text.starts_with("0X");
  uint64_t magnitude;
  if (text.getAsInteger(hex ? 0 : 10, magnitude))
    return false;
  uint64_t most =
      type.bits == 64 ? ~uint64_t(0) : (uint64_t(1) << type.bits) - 1;
  uint64_t mostSigned = most >> 1;
  bits = (negative ? 0 - magnitude : magnitude) & most;
  if (negative)
    return type.kind == ElementType::Signed ? magnitude <= mostSigned + 1
                                            : magnitude == 0;
  return magnitude <=
         (type.kind == ElementType::Signed && !hex ? mostSigned : most);
}

static bool parseFloat(const ElementType &type, StringRef text,
                       uint64_t &bits) {
  // Hex without an exponent is the value's bits.
  if ((text.starts_with("0x") || text.starts_with("0X")) &&
      !text.contains_insensitive('p'))
    return parseInteger({"", 0, type.bits, ElementType::Unsigned}, text, bits);
  if (text.empty())
    return false;
  APFloat value(semantics(type));
  llvm::Expected<APFloat::opStatus> status =
      value.convertFromString(text, APFloat::rmNearestTiesToEven);
  if (!status) {
    llvm::consumeError(status.takeError());
    return false;
  }
  bits = value.bitcastToAPInt().getZExtValue();
  return true;
}

static bool parseScalar(const ElementType &type, StringRef text,
                        ArgumentSpec &spec) {
  uint64_t bits = 0;
  bool good = type.kind == ElementType::Float ? parseFloat(type, text, bits)
                                              : parseInteger(type, text, bits);
  spec.kind = ArgumentSpec::Scalar;
  spec.scalarBytes = type.bits / 8;
  std::memcpy(spec.scalar.data(), &bits, sizeof(bits));
  return good;
}

/// `f32[4x16]` and what follows it: `:out.npy`, `:out.npy:partial` or nothing.
static bool parseBuffer(StringRef text, ArgumentSpec &spec,
                        std::string &error) {
  auto [name, rest] = text.split('[');
  auto [shape, output] = rest.split(']');
  const ElementType *type = findType(name);
  if (!type || type->dtype == SPARSEC_BF16) {
    error = "'" + name.str() + "' is no element type of a buffer";
    return false;
  }
  spec.type.dtype = type->dtype;
  if (!text.contains('[') || !rest.contains(']')) {
    error = "a shape like [4x16] should follow " + name.str();
    return false;
  }
  llvm::SmallVector<StringRef> dimensions;
  shape.split(dimensions, 'x');
  uint64_t bytes = type->bits / 8;
  for (StringRef dimension : dimensions) {
    uint64_t size;
    if (spec.type.rank == SPARSEC_MAX_RANK ||
        dimension.getAsInteger(10, size) ||
        __builtin_mul_overflow(bytes, size, &bytes) ||
        bytes > uint64_t(1) << 40) {
      error = "'[" + shape.str() +
              "]' is no shape of at most 8 dimensions "
              "and 1 TiB";
      return false;
    }
    spec.type.shape[spec.type.rank++] = int64_t(size);
  }
  if (!output.empty() && !output.consume_front(":")) {
    error = "'" + output.str() + "' follows the shape; a file would follow a :";
    return false;
  }
  spec.partial = spec.kind == ArgumentSpec::Uninitialised &&
                 output.consume_back(":partial");
  spec.output = output;
  return true;
}

bool gfx803::cli::parseArgument(StringRef text, ArgumentSpec &spec,
                                std::string &error) {
  spec = ArgumentSpec();
  spec.text = text;
  if (text == "null")
    return true;
  auto [head, tail] = text.split(':');
  if (head == "zeros" || head == "uninit") {
    spec.kind =
        head == "zeros" ? ArgumentSpec::Zeros : ArgumentSpec::Uninitialised;
    return parseBuffer(tail, spec, error);
  }
  if (head == "lds") {
    spec.kind = ArgumentSpec::DynamicLds;
    if (parseBytes(tail.str(), spec.ldsBytes))
      return true;
    error = "'" + tail.str() + "' is no size in bytes";
    return false;
  }
  if (const ElementType *type = findType(head)) {
    if (parseScalar(*type, tail, spec))
      return true;
    error = "'" + tail.str() + "' is no value of type " + head.str();
    return false;
  }
  // File names may hold colons; the input's ends with .npy.
  size_t end = text.find(".npy");
  while (end != StringRef::npos && end + 4 != text.size() &&
         text[end + 4] != ':')
    end = text.find(".npy", end + 4);
  if (end == StringRef::npos) {
    error = "it is none of FILE.npy[:OUT.npy], zeros:TYPE[SHAPE][:OUT.npy], "
            "uninit:TYPE[SHAPE][:OUT.npy[:partial]], TYPE:VALUE, lds:BYTES, "
            "null";
    return false;
  }
  spec.kind = ArgumentSpec::File;
  spec.input = text.substr(0, end + 4);
  spec.output = text.substr(std::min(end + 5, text.size()));
  return true;
}
