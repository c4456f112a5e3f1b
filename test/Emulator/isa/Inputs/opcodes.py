# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every opcode of gfx803, found by decoding one encoding of each opcode number
with LLVM's disassembler: so nobody has to keep the list."""

import os
import re
import subprocess


def encodings():
    """(family, opcode number, dwords)."""
    for op in range(0x60):
        yield "SOP2", op, (0x80000000 | op << 23 | 4 << 16 | 0x0602, 0)
    for op in range(29):
        yield "SOPK", op, (0xb0000000 | op << 23 | 4 << 16 | 1, 0)
    for op in range(256):
        yield "SOP1", op, (0xbe800000 | 4 << 16 | op << 8 | 2, 0)
    for op in range(128):
        yield "SOPC", op, (0xbf000000 | op << 16 | 0x0402, 0)
        yield "SOPP", op, (0xbf800000 | op << 16, 0)
    for op in range(256):
        for soe in (0x10, 0x7c):  # stores take no SGPR but m0 for an offset
            word = 0xc0000000 | op << 18 | (soe == 0x10) << 17
            yield "SMEM", op, (word | 4 << 6 | 2, soe)
        yield "SMEM", op, (0xc0000000 | op << 18, 0)
        yield "SMEM", op, (0xc0000000 | op << 18 | 4 << 6, 0)
    for op in range(62):
        yield "VOP2", op, (op << 25 | 2 << 17 | 3 << 9 | 0x104, 0x12345678)
        yield "SDWA", op, (op << 25 | 2 << 17 | 3 << 9 | 249, 0x06060604)
        yield "DPP", op, (op << 25 | 2 << 17 | 3 << 9 | 250, 0xff011104)
    for op in range(256):
        yield "VOP1", op, (0x7e000000 | 2 << 17 | op << 9 | 0x104, 0)
        yield "VOP1", op, (0x7e000000 | op << 9, 0)
        yield "VOPC", op, (0x7c000000 | op << 17 | 3 << 9 | 0x104, 0)
        yield "SDWA", 64 + op, (0x7e000000 | 2 << 17 | op << 9 | 249, 0x00060604)
        yield "SDWA", 512 + op, (0x7c000000 | op << 17 | 3 << 9 | 249, 0x06060004)
        yield "DPP", 64 + op, (0x7e000000 | 2 << 17 | op << 9 | 250, 0xff011104)
        yield "DPP", 512 + op, (0x7c000000 | op << 17 | 3 << 9 | 250, 0xff011104)
    for op in range(1024):
        word = 0xd0000000 | op << 16
        yield "VOP3", op, (word | 4, 0x104 | 0x106 << 9 | 0x108 << 18)
        yield "VOP3", op, (word | 4, 0x104 | 0x6 << 9)
        yield "VOP3", op, (word, 0)
    for op in range(256):
        for gds in (0, 1 << 16):
            for tail in (0x0a060402, 0x0a000402, 0x00060402, 0x00000402,
                         0x0a000002, 0x0a000000, 0x00000400, 0, 2):
                yield "DS", op, (0xd8000000 | op << 17 | gds, tail)
    for op in range(128):
        for glc in (0, 1 << 16):
            yield "FLAT", op, (0xdc000000 | op << 18 | glc, 0x0a000402)
            yield "FLAT", op, (0xdc000000 | op << 18 | glc, 0x0a000002)
            yield "FLAT", op, (0xdc000000 | op << 18 | glc, 0x00000402)
        yield "MUBUF", op, (0xe0000000 | op << 18 | 1 << 12, 0x80020402)
        yield "MUBUF", op, (0xe0000000 | op << 18, 0)
        yield "MUBUF", op, (0xe0000000 | op << 18 | 1 << 12 | 1 << 16, 0x80020402)
        yield "MUBUF", op, (0xe0000000 | op << 18 | 1 << 16, 0)
    for op in range(16):
        yield "MTBUF", op, (0xe8000000 | op << 15 | 1 << 12 | 4 << 19, 0x80020402)
    for op in range(4):
        yield "VINTRP", op, (0xd4000000 | op << 16, 0)
    yield "MIMG", 0, (0xf0000f00, 0x00020402)
    yield "EXP", 0, (0xc4000000, 0)


SUFFIX = re.compile(r"_(e32|e64|sdwa|dpp)$")


def canonical(mnemonic):
    """(opcode, encoding)."""
    found = SUFFIX.search(mnemonic)
    if found:
        return mnemonic[:found.start()], found.group(1)
    return mnemonic, ""


def decode(tools):
    """{family: {opcode name: None}} in order of opcode numbers."""
    probes = list(encodings())
    lines = []
    for number, (_, _, words) in enumerate(probes):
        raw = b"".join(w.to_bytes(4, "little") for w in words)
        lines.append(",".join(f"{b:#x}" for b in raw))
        # A marker no probe can look like: s_mov_b32 ttmp5, <number>
        marker = (0xbef500ff).to_bytes(4, "little") + (0x10000 + number).to_bytes(
            4, "little")
        lines.append(",".join(f"{b:#x}" for b in marker))
    done = subprocess.run(
        [os.path.join(tools, "llvm-mc"), "-triple=amdgcn-amd-amdhsa",
         "-mcpu=gfx803", "--disassemble"], input="\n".join(lines) + "\n",
        capture_output=True, text=True)
    invalid = {int(line) for line in re.findall(
        r"^<stdin>:(\d+):1: warning: invalid", done.stderr, re.M)}
    families, found = {}, []
    for line in done.stdout.splitlines():
        text = line.strip()
        marker = re.match(r"s_mov_b32 (?:ttmp5|s117|ttmp\d+), (0x[0-9a-f]+)$",
                          text)
        if marker:
            number = int(marker.group(1), 16) - 0x10000
            family, op, _ = probes[number]
            # What follows the first instruction are left-over bytes.
            if found and 2 * number + 1 not in invalid:
                name, form = canonical(found[0].split()[0])
                families.setdefault(family, {}).setdefault(name, (op, form))
            found = []
        elif text and not text.startswith((".", ";", "//")):
            found.append(text)
    return families


if __name__ == "__main__":
    for family, names in decode("/usr/lib/llvm-22/bin").items():
        print(family, len(names), " ".join(names))
