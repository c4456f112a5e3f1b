//===- Lds.cpp - The LDS of one workgroup ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Lds.h"

using namespace gfx803;

Lds::Lds(uint32_t bytes, bool detectRaces)
    : data(bytes), poison(bytes, 1), detectRaces(detectRaces) {
  if (detectRaces)
    words.resize((bytes + 3) / 4);
}

int Lds::touchByte(Stamp &stamp, unsigned wave, Access access) {
  int rival = -1;
  bool written = stamp.writeEpoch == epoch && stamp.writer != wave;
  if (written && !(access == Access::Atomic && stamp.writeAtomic))
    rival = stamp.writer;
  bool read =
      stamp.readEpoch == epoch && (stamp.manyReaders || stamp.reader != wave);
  if (access != Access::Read && read)
    rival = stamp.reader;
  if (access == Access::Read) {
    if (stamp.readEpoch != epoch) {
      stamp.readEpoch = epoch;
      stamp.reader = uint8_t(wave);
      stamp.manyReaders = false;
    } else if (stamp.reader != wave) {
      stamp.manyReaders = true;
    }
    return rival;
  }
  stamp.writeEpoch = epoch;
  stamp.writer = uint8_t(wave);
  stamp.writeAtomic = access == Access::Atomic;
  return rival;
}

int Lds::touch(uint32_t address, uint32_t count, unsigned wave, Access access) {
  if (!detectRaces)
    return -1;
  if (count % 4 == 0 && address % 4 == 0) {
    for (uint32_t word = address / 4; word < (address + count) / 4; ++word) {
      int rival = touchByte(words[word], wave, access);
      if (rival >= 0)
        return rival;
      if (!narrow)
        continue;
      // What narrower accesses left behind in this dword.
      for (uint32_t byte = word * 4; byte < word * 4 + 4; ++byte) {
        Stamp seen = bytes[byte];
        rival = touchByte(seen, wave, access);
        if (rival >= 0)
          return rival;
      }
    }
    return -1;
  }
  if (!narrow) {
    narrow = true;
    bytes.resize(words.size() * 4);
  }
  for (uint32_t byte = address; byte < address + count; ++byte) {
    Stamp seen = words[byte / 4];
    int rival = touchByte(seen, wave, access);
    if (rival < 0)
      rival = touchByte(bytes[byte], wave, access);
    if (rival >= 0)
      return rival;
  }
  return -1;
}
