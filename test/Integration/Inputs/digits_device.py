# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The digits model on a device and on the host: the same predictions on every test
image, and in strict mode the same bits; with a batch of unknown size and a fixed one."""

import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np

from sparsec_rt import Runtime

FIXED = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--example", required=True, help="folder of digits.mlir")
    parser.add_argument("--target", required=True)
    parser.add_argument("--device", required=True)
    options = parser.parse_args()
    images = np.load(os.path.join(options.example, "test_images.npy"))
    runtime = Runtime(os.path.join(options.build, "lib"))

    with tempfile.TemporaryDirectory() as folder:
        def run(target, device, images, *flags):
            path = os.path.join(folder, target + ".so")
            subprocess.run([os.path.join(options.build, "bin", "sparsec"),
                            "compile", os.path.join(options.example, "digits.mlir"),
                            "-o", path, "--target=" + target, *flags], check=True)
            with runtime.load(path, device) as model:
                return model.run("main", images)[0]

        failed = False
        for flags in ([], ["--strict-fp"]):
            for batch in (len(images), FIXED):
                fixed = [f"--batch={batch}"] if batch == FIXED else []
                part = images[:batch]
                host = run("host", "host", part, *flags, *fixed)
                device = run(options.target, options.device, part, *flags, *fixed)
                same = int((host.argmax(1) == device.argmax(1)).sum())
                bits = host.tobytes() == device.tobytes()
                print(f"{' '.join(flags + fixed) or 'default'}: {same}/{batch} "
                      f"predictions the same, bits {'the same' if bits else 'not'}")
                failed |= same != batch or (bool(flags) and not bits)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
