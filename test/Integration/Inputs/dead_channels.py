# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prunes whole neurons of the digits network and compares it with the same network
whose hidden layers are results too, so that nothing can be removed."""

import argparse
import json
import pathlib
import re
import subprocess

import numpy as np

import sparsec_rt

parser = argparse.ArgumentParser()
parser.add_argument("--build", type=pathlib.Path)
parser.add_argument("--digits", type=pathlib.Path)
parser.add_argument("--target", default="host")
parser.add_argument("--device", default="host")
args = parser.parse_args()
text = (args.digits / "digits.mlir").read_text()


def edit(name, shape, change):
    """Changes a resource of the model in place."""
    global text
    found = re.search(rf'\b{re.escape(name)}: "0x04000000([0-9A-Fa-f]*)"', text)
    values = np.frombuffer(bytes.fromhex(found[1]), np.float32).reshape(shape).copy()
    change(values)
    start, end = found.span(1)
    text = text[:start] + values.tobytes().hex() + text[end:]


def clear(index):
    def change(values):
        values[index] = 0
    return change


# A quarter of the first layer's neurons and of the second's. Half of each lose what they
# compute (a negative bias behaves like none, in front of the relu), half their readers.
# Some of the second layer's have no reader as they are.
edit("fc1.weight", (512, 256), clear(slice(0, 512, 8)))
edit("fc1.bias", (512,), lambda bias: np.copyto(bias[0::8], -np.abs(bias[0::8])))
edit("fc2.weight", (256, 512), clear((slice(None), slice(4, 512, 8))))
edit("fc2.weight", (256, 512), clear(slice(1, 256, 8)))
edit("fc2.bias", (256,), clear(slice(1, 256, 8)))
edit("fc3.weight", (10, 256), clear((slice(None), slice(5, 256, 8))))
pathlib.Path("pruned.mlir").write_text(text)

whole = text.replace("-> tensor<?x10xf32> {",
                     "-> (tensor<?x10xf32>, tensor<?x512xf32>, tensor<?x256xf32>) {", 1)
whole = whole.replace("return %23 : tensor<?x10xf32>",
                      "return %23, %12, %18 : tensor<?x10xf32>, tensor<?x512xf32>, "
                      "tensor<?x256xf32>", 1)
assert whole.count("%18 : tensor<?x10xf32>") == 1
pathlib.Path("whole.mlir").write_text(whole)


def compile_model(name, *options):
    command = [args.build / "bin/sparsec", "compile", f"{name}.mlir", "-o", f"{name}.so",
               "--report=json", f"--target={args.target}", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["weights"]


runtime = sparsec_rt.Runtime(args.build / "lib")
images = np.load(args.digits / "test_images.npy")
for mode in ("strict", "default"):
    options = ["--strict-fp"] if mode == "strict" else []
    outputs = {}
    for name in ("pruned", "whole"):
        weights = compile_model(name, *options)
        with runtime.load(f"{name}.so", args.device) as model:
            outputs[name] = model.run("main", images)[0]
        removed = sum(w["removed_rows"] + w["removed_cols"] for w in weights)
        assert (removed > 0) == (name == "pruned"), weights
        if mode == "strict" and name == "pruned":
            for weight in weights:
                if weight["name"].startswith("fc"):
                    print(f"{weight['name']}: {weight['removed_rows']} rows and "
                          f"{weight['removed_cols']} columns removed")
    if mode == "strict":
        same = outputs["pruned"].tobytes() == outputs["whole"].tobytes()
        print(f"strict: {'the same bits' if same else 'DIFFERENT BITS'}")
    else:
        assert np.allclose(outputs["pruned"], outputs["whole"], rtol=1e-5, atol=1e-5)
        assert (outputs["pruned"].argmax(1) == outputs["whole"].argmax(1)).all()
        print("default: predictions of the unpruned chain")
