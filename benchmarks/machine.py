# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The machine that a figure was measured on."""

import os

# Before OpenMP, once a model is loaded, binds this thread to one of them.
CORES = len(os.sched_getaffinity(0))


def describe_machine() -> str:
    """The CPU's name, how many of them this process may use, and AVX level."""
    name, flags = "unknown CPU", []
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        for line in cpuinfo:
            key, _, value = line.partition(":")
            if key.strip() == "model name" and name == "unknown CPU":
                name = value.strip()
            elif key.strip() == "flags" and not flags:
                flags = value.split()
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "SSE2"
    return f"{name}, {CORES} cores, {vectors}"
