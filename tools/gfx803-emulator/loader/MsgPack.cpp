//===- MsgPack.cpp - MessagePack as a tree --------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/MsgPack.h"

#include "llvm/BinaryFormat/MsgPackReader.h"

using namespace gfx803;

/// Real metadata are four deep.
static constexpr unsigned kMostDepth = 16;

const PackedValue *PackedValue::get(std::string_view key) const {
  if (kind != Map)
    return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i].kind == Text && items[i].text == key)
      return &items[i + 1];
  return nullptr;
}

static bool parseValue(llvm::msgpack::Reader &reader, PackedValue &value,
                       unsigned depth) {
  using llvm::msgpack::Type;
  llvm::msgpack::Object object;
  llvm::Expected<bool> read = reader.read(object);
  if (!read) {
    llvm::consumeError(read.takeError());
    return false;
  }
  if (!*read || depth == kMostDepth)
    return false;
  size_t children = 0;
  switch (object.Kind) {
  case Type::UInt:
    value.kind = PackedValue::Number;
    value.number = object.UInt;
    break;
  case Type::Int:
    value.kind = object.Int < 0 ? PackedValue::Other : PackedValue::Number;
    value.number = uint64_t(object.Int);
    break;
  case Type::Boolean:
    value.kind = PackedValue::Number;
    value.number = object.Bool;
    break;
  case Type::String:
    value.kind = PackedValue::Text;
    value.text = std::string_view(object.Raw.data(), object.Raw.size());
    break;
  case Type::Array:
    value.kind = PackedValue::Array;
    children = object.Length;
    break;
  case Type::Map:
    value.kind = PackedValue::Map;
    children = object.Length * 2;
    break;
  default:
    break;
  }
  // A length is believed one value at a time: each takes a byte at least.
  for (size_t i = 0; i < children; ++i)
    if (!parseValue(reader, value.items.emplace_back(), depth + 1))
      return false;
  return true;
}

std::optional<PackedValue> PackedValue::parse(std::string_view bytes) {
  llvm::msgpack::Reader reader(llvm::StringRef(bytes.data(), bytes.size()));
  PackedValue root;
  if (!parseValue(reader, root, 0))
    return std::nullopt;
  return root;
}
