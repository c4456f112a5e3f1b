# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How lit runs the tests: mlir files through FileCheck, Python and shell scripts
as they are."""

import glob
import os
import shutil

import lit.formats
from lit.llvm import llvm_config

config.name = "sparsec"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Runtime", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.sparsec_obj_root, "test")

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", os.path.join(config.sparsec_obj_root, "bin"),
                             append_path=True)
llvm_config.with_environment(
    "PYTHONPATH", os.path.join(config.sparsec_src_root, "benchmarks"))
# Two test processes with two OpenMP threads each would share two cores by spinning.
llvm_config.with_environment("OMP_WAIT_POLICY", "passive")

config.substitutions.append(("%python", config.python))
config.substitutions.append(("%cc", config.c_compiler))
config.substitutions.append(("%src", config.sparsec_src_root))
config.substitutions.append(("%build", config.sparsec_obj_root))
config.substitutions.append(("%dlmc", config.dlmc))

# Real pruned masks; tests that want them say REQUIRES: dlmc and show as
# unsupported without.
if os.path.isdir(config.dlmc):
    config.available_features.add("dlmc")
with open("/proc/cpuinfo") as cpuinfo:
    flags = cpuinfo.read().split()
for feature in ("avx2", "avx512f"):
    if feature in flags:
        config.available_features.add(feature)

# Debian's ROCm, which is not needed for anything but tests that say so.
if shutil.which("rocminfo"):
    config.available_features.add("rocminfo")
for rocr in glob.glob("/usr/lib/*/libhsa-runtime64.so.1"):
    config.available_features.add("rocr")
    config.substitutions.append(("%rocr", rocr))
for hip in glob.glob("/usr/lib/*/libamdhip64.so.5"):
    config.available_features.add("hip")
    config.substitutions.append(("%hip", hip))
