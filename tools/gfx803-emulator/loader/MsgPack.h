//===- MsgPack.h - MessagePack as a tree ------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_LOADER_MSGPACK_H
#define GFX803_EMULATOR_LOADER_MSGPACK_H

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gfx803 {

/// A value of a MessagePack document. What code objects do not use (floats,
/// nil, extensions) is Other. Refers to the bytes it was read from.
///
/// LLVM's msgpack::Document is no help here: damaged input with a map as a
/// map's key takes it to undefined behaviour.
struct PackedValue {
  enum Kind : uint8_t { Number, Text, Array, Map, Other } kind = Other;
  uint64_t number = 0; ///< also of booleans
  std::string_view text;
  std::vector<PackedValue> items; ///< of maps: key, value, key, ...

  /// The value of a key of a map, or null.
  const PackedValue *get(std::string_view key) const;

  /// Empty if the bytes are not one well-formed document.
  static std::optional<PackedValue> parse(std::string_view bytes);
};

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_MSGPACK_H
