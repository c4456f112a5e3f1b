# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Files for the tests of `gfx803-emulator run`.

    run_files.py array OUT.npy EXPRESSION       numpy as np
    run_files.py check EXPRESSION A.npy ...     arrays are a, b, ...
    run_files.py patch IN OUT PLACE=BYTES ...   hexadecimal; see `place`
    run_files.py cut IN OUT COUNT               the first bytes
    run_files.py bundle OUT NAME=FILE ...       a clang offload bundle"""

import struct
import sys

import numpy as np

FIELDS = {"class": 4, "osabi": 7, "abi": 8, "type": 16, "machine": 18,
          "phoff": 32, "flags": 48, "phentsize": 54, "phnum": 56}


def readBytes(path):
    with open(path, "rb") as file:
        return file.read()


def writeBytes(path, data):
    with open(path, "wb") as file:
        file.write(data)


def place(data, text):
    """A field of ELF's header, metadata:N for the Nth byte of the metadata, kd:N
    for the Nth byte of the first descriptor, or TEXT+N for N bytes behind TEXT."""
    if text in FIELDS:
        return FIELDS[text]
    if text.startswith("metadata:"):
        return data.index(b"AMDGPU\0\0") + 8 + int(text[9:])
    if text.startswith("kd:"):
        # Descriptors are 64 bytes each, at the end of the first segment.
        sections, = struct.unpack_from("<Q", data, 40)
        count, = struct.unpack_from("<H", data, 60)
        for index in range(count):
            _, kind, _, _, offset, size = struct.unpack_from(
                "<IIQQQQ", data, sections + 64 * index)
            if kind == 1 and size == 192:
                return offset + int(text[3:])
    text, distance = text.split("+")
    return data.index(text.encode()) + len(text) + int(distance)


def patch(source, target, *changes):
    data = bytearray(readBytes(source))
    for change in changes:
        where, value = change.split("=")
        at, value = place(data, where), bytes.fromhex(value)
        data[at:at + len(value)] = value
    writeBytes(target, data)


def bundle(target, *entries):
    entries = [entry.split("=") for entry in entries]
    names = [name.encode() for name, _ in entries]
    files = [readBytes(path) for _, path in entries]
    offset = 4096
    head = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", len(entries))
    for name, data in zip(names, files):
        head += struct.pack("<QQQ", offset, len(data), len(name)) + name
        offset += (len(data) + 4095) // 4096 * 4096
    blocks = [head] + files
    writeBytes(target, b"".join(
        block + bytes(-len(block) % 4096) for block in blocks))


def main(command, *arguments):
    if command == "array":
        np.save(arguments[0], eval(arguments[1]))
    elif command == "check":
        arrays = {chr(ord("a") + i): np.load(path)
                  for i, path in enumerate(arguments[1:])}
        if not eval(arguments[0], {"np": np, **arrays}):
            sys.exit(f"{arguments[0]} is wrong: {arrays}")
    elif command == "patch":
        patch(*arguments)
    elif command == "cut":
        writeBytes(arguments[1], readBytes(arguments[0])[:int(arguments[2])])
    elif command == "bundle":
        bundle(*arguments)
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
