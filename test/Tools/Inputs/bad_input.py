# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bad input, a case a row: sparsec must say one line (where, what, what to do) on
stderr, exit with 1 (2 for wrong usage), write nothing else and leave no file.

    bad_input.py BUILD DIRECTORY [GROUP [NAME]]
"""

import errno
import os
import re
import shutil
import stat
import struct
import subprocess
import sys

import numpy as np

BUILD, DIRECTORY = sys.argv[1:3]
ONLY_GROUP = sys.argv[3] if len(sys.argv) > 3 else None
ONLY = sys.argv[4:]

BAD, USAGE = 1, 2

# A file that is a device with no space. Never /dev/full itself: for root, a tool
# that renames its result there would take it away from the whole machine.
FULL = object()


def make_full_device(path):
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
    try:
        with open(path, "wb", buffering=0) as file:
            file.write(b"x")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return
        raise
    raise OSError("a device with space")


def can_make_full_device():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    try:
        make_full_device(os.path.join(WORK, "full"))
        return True
    except OSError:
        print("no device nodes here: the cases with a full disk do not run")
        return False
    finally:
        shutil.rmtree(WORK, ignore_errors=True)


# A line of these is what a crash or a library prints, not what a user can act on.
INTERNALS = re.compile(
    r"Stack dump|PLEASE submit|LLVM ERROR|Assertion|unrealized|UNREACHABLE|"
    r"terminate called|bad_alloc|LLVM Translation|not bufferized|"
    r"failed to legalize|see current operation|<unknown>|loc\(|bufferization\.|"
    r"cannot be compiled|llvm\.|TranslationDialect|allow-unregistered|lld|\.tmp-")

GOOD = """
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 2.0]]> : tensor<4x2xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x2xf32>) outs(%f : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
"""

SOURCE = os.path.join(DIRECTORY, "source")
WORK = os.path.join(DIRECTORY, "work")


def tool(arguments, cwd=None, timeout=60):
    return subprocess.run([os.path.join(BUILD, "bin", "sparsec"), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=cwd, timeout=timeout)


class Case:
    """Runs in a directory that holds `files` and nothing else; `says` are regular
    expressions that the one line must match."""

    devices = ()

    def __init__(self, group, name, arguments, status, says, files=None):
        self.group, self.name = group, name
        self.arguments, self.status = arguments, status
        self.says, self.files = says, files or {}

    def run(self):
        shutil.rmtree(WORK, ignore_errors=True)
        os.makedirs(WORK)
        for name, content in self.files.items():
            path = os.path.join(WORK, name)
            if content is None:
                os.mkdir(path)
                continue
            if content is FULL:
                make_full_device(path)
                self.devices = [name]
                continue
            if isinstance(content, str):
                content = content.encode()
            with open(path, "wb") as file:
                file.write(content)
        before = self.listing()
        try:
            ran = tool(self.arguments, cwd=WORK)
        except subprocess.TimeoutExpired:
            return ["still running after 60 s"]
        problems = []
        text = ran.stderr.decode(errors="replace")
        if ran.returncode != self.status:
            problems.append("exit status %d, expected %d" % (ran.returncode,
                                                             self.status))
        lines = text.splitlines()
        if len(lines) != 1:
            problems.append("%d lines on stderr: %r" % (
                len(lines), text[:300] + ("..." if len(text) > 300 else "")))
        else:
            for says in self.says:
                if not re.search(says, lines[0]):
                    problems.append("should say /%s/: %s" % (says, lines[0][:300]))
            if INTERNALS.search(lines[0]):
                problems.append("speaks of internals: " + lines[0][:300])
            if not lines[0].startswith("sparsec: "):
                problems.append("does not start with 'sparsec: ': " + lines[0][:300])
        if ran.stdout:
            problems.append("stdout: %r" % ran.stdout[:200])
        problems += self.check_devices()
        after = self.listing()
        if after != before:
            problems.append("files left or lost: %s" %
                            sorted(set(after) ^ set(before) or ["(changed)"]))
        return problems

    def check_devices(self):
        """A device must stay one: replacing it by a file breaks the machine."""
        return ["replaced the device " + name for name in self.devices
                if not stat.S_ISCHR(os.stat(os.path.join(WORK, name)).st_mode)]

    def listing(self):
        found = []
        for root, directories, files in os.walk(WORK):
            for name in directories + files:
                path = os.path.join(root, name)
                size = os.path.getsize(path) if os.path.isfile(path) else -1
                found.append((os.path.relpath(path, WORK), size))
        return sorted(found)


CASES = []
HAS_FULL_DEVICE = can_make_full_device()


def case(group, name, arguments, status, *says, **files):
    CASES.append(Case(group, name, arguments, status, says, files.get("files")))


def model(name, text, *says, options=(), status=BAD):
    """A model that compile refuses."""
    case("model", name, ["compile", "m.mlir", "-o", "m.so", *options], status,
         r"m\.mlir", *says, files={"m.mlir": text})


# -- The command line -----------------------------------------------------------

def usage(name, arguments, *says, status=USAGE):
    case("usage", name, arguments, status, *says, files={"m.mlir": GOOD})


usage("no command", [], "compile")
usage("unknown command", ["compiel", "m.mlir"], "compiel")
usage("no input", ["compile"], "IN.mlir|positional")
usage("two inputs", ["compile", "m.mlir", "n.mlir", "-o", "m.so"], "n.mlir|many")
usage("no output", ["compile", "m.mlir"], "-o")
usage("unknown option", ["compile", "m.mlir", "--speed=3", "-o", "m.so"], "speed")
usage("unknown short option", ["compile", "m.mlir", "-q", "-o", "m.so"], "-q")
usage("an option of another command", ["compile", "m.mlir", "--json", "-o", "m.so"],
      "json")
usage("unknown format", ["compile", "m.mlir", "--format=coo", "-o", "m.so"],
      "coo", "bitmask", "csr")
usage("empty format", ["compile", "m.mlir", "--format=", "-o", "m.so"], "format")
usage("unknown stage", ["compile", "m.mlir", "--emit=exe", "-o", "m.so"], "exe", "asm")
usage("unknown target", ["compile", "m.mlir", "--target=sparc", "-o", "m.so"],
      "sparc", "host")
usage("unknown cpu", ["compile", "m.mlir", "--cpu=z80", "-o", "m.so"], "z80")
usage("a cpu of another machine", ["compile", "m.mlir", "--cpu=cortex-a72", "-o",
                                   "m.so"], "cortex-a72")
usage("bad batch", ["compile", "m.mlir", "--batch=many", "-o", "m.so"], "batch", "many")
usage("no batch", ["compile", "m.mlir", "--batch=0", "-o", "m.so"], "batch", "1")
usage("negative batch", ["compile", "m.mlir", "--batch=-2", "-o", "m.so"], "batch")
usage("bad weight budget", ["compile", "m.mlir", "--weight-budget=lots", "-o", "m.so"],
      "weight-budget", "MiB")
usage("no rows", ["compile", "m.mlir", "--window-rows=0", "-o", "m.so"], "window-rows", "1")
usage("huge batch", ["compile", "m.mlir", "--batch=99999999999999999999", "-o",
                     "m.so"], "batch")
for size in ("lots", "", "-1", "64XB", "KiB", "1.5MiB", "99999999999GiB", "64 KiB"):
    usage("memory budget '%s'" % size,
          ["compile", "m.mlir", "--memory-budget=" + size, "-o", "m.so"],
          "memory-budget", "KiB")
usage("report as xml", ["compile", "m.mlir", "--report=xml", "-o", "m.so"],
      "xml", "json")
usage("stats as xml", ["run", "m.so", "--stats=xml"], "xml", "json")
usage("run without a model", ["run"], "OUT.so|positional")
usage("inspect without a model", ["inspect"], "IN.mlir|positional")
usage("an option without its value", ["compile", "m.mlir", "-o"], "-o|requires")

# -- The file of a model --------------------------------------------------------

for command in (["compile", "m.mlir", "-o", "m.so"], ["inspect", "m.mlir"]):
    kind = command[0]

    def file(name, content, *says):
        case("file", kind + ": " + name, command, BAD, r"m\.mlir", *says,
             files={} if content is False else {"m.mlir": content})

    file("missing", False, "No such file")
    file("a directory", None, "directory")
    file("empty", b"")
    file("spaces", b" \n\n")
    file("a comment", b"// nothing here\n")
    file("text", b"hello, world\n")
    file("zeros", bytes(100))
    file("truncated in the middle", GOOD[:len(GOOD) // 2], r"m\.mlir:\d+:\d+: ")
    file("truncated at its end", GOOD.rstrip()[:-1], r"m\.mlir:\d+:\d+: ")
    file("truncated in a constant", GOOD[:GOOD.index("[0.0, 0.0]")],
         r"m\.mlir:\d+:\d+: ")
    file("an ELF header and nothing", b"\x7fELF\x02\x01\x01" + bytes(9))

# -- What is in a model ---------------------------------------------------------

MATMUL = """
func.func @main(%x: tensor<3x4x{x}>, %w: tensor<4x2x{w}>, %f: tensor<3x2x{y}>) -> tensor<3x2x{y}> {{
  %y = linalg.matmul ins(%x, %w : tensor<3x4x{x}>, tensor<4x2x{w}>) outs(%f : tensor<3x2x{y}>) -> tensor<3x2x{y}>
  return %y : tensor<3x2x{y}>
}}
"""

model("unknown encoding", GOOD.replace("(%x: tensor<?x4xf32>)",
                                       "(%x: tensor<?x4xf32, #sparsec.ellpack>)"),
      r"m\.mlir:2:\d+", "ellpack")
model("a block size that is not one", """
func.func @main(%x: tensor<8x8xf32, #sparsec.block<5x5>>) -> tensor<8x8xf32> {
  %y = sparsec.decompress %x : tensor<8x8xf32, #sparsec.block<5x5>> to tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
""", r"m\.mlir:2:\d+", "5|block")
model("an index type that is not one", """
func.func @main(%x: tensor<8x8xf32, #sparsec.csr<index = i7>>) -> tensor<8x8xf32> {
  %y = sparsec.decompress %x : tensor<8x8xf32, #sparsec.csr<index = i7>> to tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
""", r"m\.mlir:2:\d+", "i7|index|i16")
model("a foreign encoding", """
#csr = #sparse_tensor.encoding<{ map = (i, j) -> (i : dense, j : compressed) }>
func.func @main(%x: tensor<8x8xf32, #csr>) -> tensor<8x8xf32, #csr> {
  return %x : tensor<8x8xf32, #csr>
}
""", r"m\.mlir:\d+:\d+")
model("wrong rank in a product", """
func.func @main(%x: tensor<3x4x5xf32>, %w: tensor<5x2xf32>, %f: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %y = linalg.matmul ins(%x, %w : tensor<3x4x5xf32>, tensor<5x2xf32>) outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
""", r"m\.mlir:3:\d+", "rank")
model("wrong rank of a compressed tensor", """
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = sparsec.compress %x : tensor<8xf32> to tensor<8xf32, #sparsec.bitmask>
  %y = sparsec.decompress %c : tensor<8xf32, #sparsec.bitmask> to tensor<8xf32>
  return %y : tensor<8xf32>
}
""", r"m\.mlir:\d+:\d+", "rank|2")
model("sizes that do not fit", """
func.func @main(%x: tensor<3x4xf32>, %w: tensor<5x2xf32>, %f: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %y = linalg.matmul ins(%x, %w : tensor<3x4xf32>, tensor<5x2xf32>) outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
""", r"m\.mlir:3:\d+", "4", "5")
model("a type error", GOOD.replace("return %y : tensor<?x2xf32>",
                                   "return %y : tensor<?x3xf32>"), r"m\.mlir:\d+:\d+")
model("an undefined value", GOOD.replace("return %y", "return %z"),
      r"m\.mlir:10:\d+", "undeclared|z")
model("no function", "module {\n}\n", "function")
model("only a private function", GOOD.replace("@main", "private @main"), "function")
for element in ("i4", "i16", "ui8", "f80", "f8E4M3FN", "complex<f32>", "index",
                "!quant.uniform<i8:f32, 0.5>"):
    model("an argument of " + element, f"""
func.func @main(%x: tensor<3x{element}>) -> tensor<3x{element}> {{
  return %x : tensor<3x{element}>
}}
""", r"m\.mlir:2:\d+", re.escape(element.split("<")[0].lstrip("!")), "f32")
model("a result of index", """
func.func @main(%x: tensor<?xf32>) -> index {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  return %n : index
}
""", r"m\.mlir:\d+:\d+", "index", "tensor")
model("a scalar argument", """
func.func @main(%x: f32) -> tensor<f32> {
  %y = tensor.from_elements %x : tensor<f32>
  return %y : tensor<f32>
}
""", r"m\.mlir:\d+:\d+", "f32", "tensor")
model("an unranked argument", """
func.func @main(%x: tensor<*xf32>) -> tensor<*xf32> {
  return %x : tensor<*xf32>
}
""", r"m\.mlir:\d+:\d+", "rank|dimensions")
model("an argument of rank 9", """
func.func @main(%x: tensor<1x1x1x1x1x1x1x1x1xf32>) -> tensor<f32> {
  %y = tensor.collapse_shape %x [] : tensor<1x1x1x1x1x1x1x1x1xf32> into tensor<f32>
  return %y : tensor<f32>
}
""", r"m\.mlir:\d+:\d+", "rank|8|dimensions")
model("a buffer as argument", """
func.func @main(%x: memref<4xf32>) {
  return
}
""", r"m\.mlir:\d+:\d+", "memref|tensor")
model("a vector as argument", """
func.func @main(%x: vector<4xf32>) -> vector<4xf32> {
  return %x : vector<4xf32>
}
""", r"m\.mlir:\d+:\d+", "vector|tensor")
model("a compressed argument", """
func.func @main(%x: tensor<8x8xf32, #sparsec.csr<index = i16>>) -> tensor<8x8xf32> {
  %y = sparsec.decompress %x : tensor<8x8xf32, #sparsec.csr<index = i16>> to tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
""", r"m\.mlir:\d+:\d+", "csr|compressed|encoding|dense")
model("an external function", """
func.func private @elsewhere(tensor<4xf32>) -> tensor<4xf32>
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @elsewhere(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
""", r"m\.mlir:\d+:\d+", "elsewhere")
model("a public external function", """
func.func @elsewhere(tensor<4xf32>) -> tensor<4xf32>
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
""", r"m\.mlir:2:\d+", "declaration|elsewhere")
model("an undeclared function", """
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @nowhere(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
""", r"m\.mlir:3:\d+", "nowhere")
model("an unknown dialect", """
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "torch.aten.relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
""", r"m\.mlir:3:\d+", "torch")
model("an unknown operation", """
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "linalg.frobnicate"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
""", r"m\.mlir:3:\d+", "frobnicate")
model("an operation with no code", """
func.func @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %y = shard.all_reduce %x on @grid : tensor<8x4xf32> -> tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}
shard.grid @grid(shape = 2)
""", r"m\.mlir:\d+:\d+", "shard|all_reduce")
model("a GPU module", """
gpu.module @kernels {
  gpu.func @kernel() kernel {
    gpu.return
  }
}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
""", r"m\.mlir:\d+:\d+", "gpu")
model("a function of LLVM only", """
llvm.func @main() {
  llvm.return
}
""", "func")
model("a nested module", "module {\nmodule {\n" + GOOD + "}\n}\n", r"m\.mlir")
model("a memory budget that is too small", """
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %w = arith.constant dense<0.0> : tensor<64x64xf32>
  %c = sparsec.compress %w : tensor<64x64xf32> to tensor<64x64xf32, #sparsec.bitmask>
  %d = sparsec.decompress %c : tensor<64x64xf32, #sparsec.bitmask> to tensor<64x64xf32>
  %y = arith.addf %x, %d : tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}
""", "memory budget", "255", "256", options=["--memory-budget=255"])
model("two functions of one name", GOOD + GOOD, r"m\.mlir:\d+:\d+", "main")
model("a resource that is missing", """
func.func @main(%x: tensor<3x4xf32>) -> tensor<3x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<fc.weight> : tensor<4x2xf32>
  %e = tensor.empty() : tensor<3x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32>) outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
""", "fc.weight")
RESOURCE = """
func.func @main(%x: tensor<3x4xf32>) -> tensor<3x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<fc.weight> : tensor<4x2xf32>
  %e = tensor.empty() : tensor<3x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32>) outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
{-# dialect_resources: { builtin: { fc.weight: "0x04000000DATA" } } #-}
"""
model("a resource that is too short", RESOURCE.replace("DATA", "0000803F" * 7),
      "fc.weight")
model("a resource that is too long", RESOURCE.replace("DATA", "0000803F" * 9),
      "fc.weight")
model("a resource that is not hexadecimal", RESOURCE.replace("DATA", "xyz"),
      r"m\.mlir:\d+")
model("returned resource that is missing", """
func.func @main() -> tensor<4x2xf32> {
  %w = arith.constant dense_resource<fc.weight> : tensor<4x2xf32>
  return %w : tensor<4x2xf32>
}
""", "fc.weight")
model("a batch where nothing is dynamic", """
func.func @main(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = arith.addf %x, %x : tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
""", "batch", options=["--batch=5"])
model("a tensor operation without code", """
func.func @main(%x: tensor<11x5xf32>, %i: tensor<3x1xi64>) -> tensor<3x5xf32> {
  %g = tensor.gather %x[%i] gather_dims([0]) : (tensor<11x5xf32>, tensor<3x1xi64>) -> tensor<3x5xf32>
  return %g : tensor<3x5xf32>
}
""", r"m\.mlir:\d+:\d+", "tensor.gather", "linalg")
model("a batch against the model", """
func.func @main(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<3x4xf32> {
  %a = tensor.cast %x : tensor<?x4xf32> to tensor<3x4xf32>
  return %a : tensor<3x4xf32>
}
""", r"m\.mlir:\d+:\d+", options=["--batch=5"])

# -- Where the result goes ------------------------------------------------------

for stage in ("so", "mlir", "llvm", "asm"):
    def out(name, target, *says, files=None):
        case("output", stage + ": " + name,
             ["compile", "m.mlir", "--emit=" + stage, "-o", target], BAD, *says,
             files={"m.mlir": GOOD, **(files or {})})

    out("no such directory", "no/such/out", "no/such/out", "No such file|directory")
    out("a directory", "there", "there", "directory", files={"there": None})
    out("below a file", "m.mlir/out", r"m\.mlir/out", "directory")
    out("a name that is too long", "x" * 300, "name too long|File name")
    if stage != "so":
        if HAS_FULL_DEVICE:
            out("a full disk", "full", "full", "space", files={"full": FULL})
        case("output", stage + ": a device under /dev", ["compile", "m.mlir",
             "--emit=" + stage, "-o", "/dev/no-such/out"], BAD, "/dev/no-such",
             files={"m.mlir": GOOD})
case("output", "so: to stdout", ["compile", "m.mlir", "-o", "-"], USAGE, "-o|stdout",
     files={"m.mlir": GOOD})
case("output", "the input itself", ["compile", "m.mlir", "-o", "m.mlir"], BAD,
     "input|itself", files={"m.mlir": GOOD})
case("output", "a library with the name of its header",
     ["compile", "m.mlir", "-o", "y.h"], BAD, r"y\.h", files={"m.mlir": GOOD})
case("output", "the header is a directory", ["compile", "m.mlir", "-o", "y.so"], BAD,
     r"y\.h", "directory", files={"m.mlir": GOOD, "y.h": None})


# -- An artefact ----------------------------------------------------------------

def build_artefacts():
    shutil.rmtree(SOURCE, ignore_errors=True)
    os.makedirs(SOURCE)
    with open(os.path.join(SOURCE, "m.mlir"), "w") as file:
        file.write(GOOD)
    made = tool(["compile", "m.mlir", "-o", "m.so"], cwd=SOURCE)
    assert made.returncode == 0, made.stderr.decode()
    with open(os.path.join(SOURCE, "m.so"), "rb") as file:
        return file.read()


def module_offset(elf):
    """Where the object `sparsec_module` lies in the file."""
    at = elf.index(struct.pack("<Q", 0x4d43455352415053))
    assert elf.find(struct.pack("<Q", 0x4d43455352415053), at + 8) == -1
    return at


def patched(data, offset, fresh):
    return data[:offset] + fresh + data[offset + len(fresh):]


def npy(array, **changes):
    """A file as NumPy writes it, with parts of its header replaced."""
    import io
    stream = io.BytesIO()
    np.save(stream, array)
    data = stream.getvalue()
    for old, new in changes.get("replace", ()):
        assert old in data, old
        # As long as it was: the length stands before the header.
        end = data.index(b"\n") + 1
        header = data[:end].replace(old, new)
        pad = end - len(header)
        header = header[:-1] + b" " * pad + b"\n" if pad >= 0 else \
            header[:-1].rstrip() .ljust(end - 1)[:end - 1] + b"\n"
        data = header + data[end:]
    return data


ELF = build_artefacts()
X = np.arange(12, dtype=np.float32).reshape(3, 4)
MODULE = module_offset(ELF)


def artefact(name, data, *says):
    for kind, command in (
            ("run", ["run", "m.so", "--input", "x.npy", "--output", "y.npy"]),
            ("inspect", ["inspect", "m.so"])):
        case("artefact", kind + ": " + name, command, BAD, r"m\.so", *says,
             files={"x.npy": npy(X)} if data is False else
             {"x.npy": npy(X), "m.so": data})


artefact("missing", False, "No such file")
artefact("a directory", None, "directory|regular file")
case("artefact", "run: empty", ["run", "m.so", "--input", "x.npy"], BAD, r"m\.so",
     files={"m.so": b"", "x.npy": npy(X)})
case("artefact", "run: text", ["run", "m.so", "--input", "x.npy"], BAD, r"m\.so",
     files={"m.so": b"not a model\n" * 50, "x.npy": npy(X)})
case("artefact", "run: the model instead", ["run", "m.mlir", "--input", "x.npy"], BAD,
     r"m\.mlir", "compile", files={"m.mlir": GOOD, "x.npy": npy(X)})
artefact("a newer ABI", patched(ELF, MODULE + 8, struct.pack("<I", 99)),
         "version 99|ABI 99", "compile|runtime|upgrade")
artefact("a much newer ABI", patched(ELF, MODULE + 8, struct.pack("<I", 2**32 - 1)),
         "4294967295")
artefact("an older ABI", patched(ELF, MODULE + 8, struct.pack("<I", 0)), "0")
artefact("not a module", patched(ELF, MODULE, b"XXXXXXXX"))
artefact("a module of another size", patched(ELF, MODULE + 12, struct.pack("<I", 8)))
artefact("no end of weights", patched(ELF, MODULE + 56, struct.pack("<I", 2**31)))
artefact("no end of entries", patched(ELF, MODULE + 44, struct.pack("<I", 2**31)))
artefact("another machine", patched(ELF, 18, struct.pack("<H", 183)))
artefact("32 bits", patched(ELF, 4, b"\x01"))
artefact("an executable", patched(ELF, 16, struct.pack("<H", 2)))
for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
    artefact("%d %% of it" % (100 * share), ELF[:int(share * len(ELF))])
for length in (1, 4, 16, 63, 64, 65, 120, 1000, 4095, 4096, 4097, len(ELF) - 1):
    if length < len(ELF):
        artefact("%s bytes of it" % ("all but one" if length == len(ELF) - 1
                                     else length), ELF[:length])
artefact("another library", open(os.path.realpath(
    os.path.join(BUILD, "lib", "libsparsec_rt.so")), "rb").read(), "sparsec_module|model")
rng = np.random.default_rng(0)
artefact("random bytes", rng.bytes(5000))
artefact("random bytes after the header", ELF[:64] + rng.bytes(len(ELF) - 64))
artefact("zeros after the header", ELF[:64] + bytes(len(ELF) - 64))

# -- Running one ----------------------------------------------------------------


def run(name, arguments, status, *says, files=None):
    case("run", name, ["run", "m.so", *arguments], status, *says,
         files={"m.so": ELF, "x.npy": npy(X), **(files or {})})


run("a missing entry", ["--entry=decode", "--input", "x.npy"], BAD, "decode", "main")
run("an HSA device", ["--device=hsa", "--input", "x.npy"], BAD, "hsa", "host")
run("an unknown device", ["--device=abacus", "--input", "x.npy"], BAD, "abacus", "host")
run("no inputs", ["--output", "y.npy"], BAD, "1", "0", "--input")
run("too many inputs", ["--input", "x.npy,x.npy", "--output", "y.npy"], BAD, "1", "2")
run("too many outputs", ["--input", "x.npy", "--output", "y.npy,z.npy"], BAD, "1", "2")
run("an input that is missing", ["--input", "z.npy", "--output", "y.npy"], BAD,
    r"z\.npy", "No such file")
run("an empty name", ["--input", "", "--output", "y.npy"], BAD)
run("an input that is a directory", ["--input", "d", "--output", "y.npy"], BAD, "d",
    files={"d": None})
run("an output in no directory", ["--input", "x.npy", "--output", "no/y.npy"], BAD,
    "no/y.npy", "No such file|directory")
run("an output below a file", ["--input", "x.npy", "--output", "x.npy/y.npy"], BAD,
    "x.npy/y.npy", "directory")
run("an output that is a directory", ["--input", "x.npy", "--output", "d"], BAD, "d",
    "directory", files={"d": None})
if HAS_FULL_DEVICE:
    run("an output on a full disk", ["--input", "x.npy", "--output", "full"], BAD,
        "full", "space", files={"full": FULL})


def input(name, data, *says):
    run(name, ["--input", "x.npy", "--output", "y.npy"], BAD, r"x\.npy", *says,
        files={"x.npy": data})


input("wrong rank: 1", npy(X[0]), r"\[4\]|rank|f32\[4\]", "4")
input("wrong rank: 3", npy(X[None]), "rank|1x3x4", "4")
input("wrong rank: 0", npy(np.float32(1)), "rank|f32")
input("wrong shape", npy(X[:, :3]), "3", "4")
input("transposed", npy(X.T), "3", "4", "Fortran|4x3")
for dtype in ("int32", "int64", "int8", "float64", "float16", "bool"):
    short = {"int32": "i32", "int64": "i64", "int8": "i8", "float64": "f64",
             "float16": "f16", "bool": "i1"}[dtype]
    input("elements of " + dtype, npy(X.astype(dtype)), short, "f32")
for dtype in ("uint8", "int16", "complex64", "<U4", "S5", "datetime64[s]", "object"):
    array = np.ones((3, 4), dtype) if dtype != "object" else None
    input("elements of " + dtype, npy(array) if array is not None else
          npy(X, replace=[(b"'<f4'", b"'|O'")]), "element|type")
input("big-endian", npy(X.astype(">f4")), "big-endian|>f4")
input("a record", npy(np.zeros((3,), [("a", "f4"), ("b", "i4")])), "structured|element")
DATA = npy(X)
for length in (0, 1, 5, 6, 7, 8, 9, 10, 11, 60, 127, 128, 129, len(DATA) - 1):
    input("truncated to %d bytes" % length, DATA[:length])
input("longer than its shape", DATA + b"\0\0\0\0", "48", "52")
input("no magic", b"NUMPY" + DATA, "npy")
input("a damaged magic", b"\x93NUMPX" + DATA[6:], "npy")
input("version 9", patched(DATA, 6, b"\x09"), "version")
input("version 0", patched(DATA, 6, b"\0"), "version")
input("version 1.7", patched(DATA, 7, b"\x07"), "version")
input("an endless header", patched(DATA, 8, b"\xff\xff"), "header")
input("a header of 4 GB", b"\x93NUMPY\2\0\xff\xff\xff\xff" + DATA[10:], "header")
input("no header", patched(DATA, 8, b"\0\0"), "header")
input("a header of zeros", DATA[:10] + bytes(118) + DATA[128:], "header")
input("a header of ones", DATA[:10] + b"\xff" * 118 + DATA[128:], "header")
for name, old, new in (
        ("no descr", b"'descr': '<f4', ", b""),
        ("no shape", b"'shape': (3, 4), ", b""),
        ("no order", b"'fortran_order': False, ", b""),
        ("descr twice", b"'shape': (3, 4)", b"'descr': '<f4', 'shape': (3, 4)"),
        ("an unknown key", b"'descr'", b"'order'"),
        ("a shape that is no tuple", b"(3, 4)", b"12"),
        ("a shape of text", b"(3, 4)", b"('3', 4)"),
        ("a negative size", b"(3, 4)", b"(-3, -4)"),
        ("a huge size", b"(3, 4)", b"(4611686018427387904, 4)"),
        ("a size that wraps around", b"(3, 4)", b"(4294967296, 4294967296)"),
        ("a size beyond 64 bits", b"(3, 4)", b"(36893488147419103235, 4)"),
        ("a size of 1e0", b"(3, 4)", b"(1e0, 4)"),
        ("nine dimensions", b"(3, 4)", b"(3, 4, 1, 1, 1, 1, 1, 1, 1)"),
        ("a hundred dimensions", b"(3, 4)", b"(" + b"1," * 30 + b")"),
        ("an open tuple", b"(3, 4)", b"(3, 4"),
        ("an open string", b"'<f4'", b"'<f4"),
        ("an open dictionary", b"}", b" "),
        ("more than a dictionary", b"}", b"} or 1"),
        ("a call", b"False", b"exit(0)"),
        ("an order that is neither", b"False", b"None"),
        ("an order that is text", b"False", b"'False'"),
        ("no type", b"'<f4'", b"''"),
        ("a type with no order", b"'<f4'", b"'f4'"),
        ("a line break", b"'<f4'", b"'<f\n4'"),
        ("an escape", b"'<f4'", b"'\\x3cf4'"),
        ("a terminal sequence", b"'<f4'", b"'\x1b[2J'")):
    input("damaged header: " + name,
          npy(X, replace=[(old, new)]) if b"\n" not in new else
          DATA.replace(old + b",", new + b"")[:128].ljust(128) + DATA[128:])

# -- Values a model itself checks -----------------------------------------------

LOOKUP = """
#map = affine_map<(d0) -> (d0)>
func.func @main(%ids: tensor<?xi64>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : i64
  %table = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
  %n = tensor.dim %ids, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%ids : tensor<?xi64>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: i64, %out: f32):
    %i = arith.index_cast %in : i64 to index
    %a = arith.cmpi ult, %in, %c5 : i64
    cf.assert %a, "index must be smaller than dim size"
    %v = tensor.extract %table[%i] : tensor<5xf32>
    linalg.yield %v : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}
"""
PAIR = """
func.func @main(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %m = tensor.dim %y, %c0 : tensor<?x4xf32>
  %same = arith.cmpi eq, %n, %m : index
  cf.assert %same, "mismatched size for broadcast"
  %z = arith.addf %x, %y : tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}
"""


def asserting(name, text, inputs, *says):
    shutil.rmtree(SOURCE, ignore_errors=True)
    os.makedirs(SOURCE)
    with open(os.path.join(SOURCE, "m.mlir"), "w") as file:
        file.write(text)
    made = tool(["compile", "m.mlir", "-o", "m.so"], cwd=SOURCE)
    if made.returncode != 0:
        global early
        early += 1
        print("FAIL [assert] %s: compile: %s" % (name, made.stderr.decode()[:300]))
        return
    with open(os.path.join(SOURCE, "m.so"), "rb") as file:
        data = file.read()
    case("assert", name, ["run", "m.so", "--input", ",".join(inputs), "--output",
                          "y.npy"], BAD, *says,
         files={"m.so": data, **{k: npy(v) for k, v in inputs.items()}})


early = 0
asserting("an index out of range", LOOKUP, {"i.npy": np.array([0, 4, 5])},
          "index must be smaller", r"i\.npy|m\.so")
asserting("a negative index", LOOKUP, {"i.npy": np.array([-1])},
          "index must be smaller")
asserting("an index far out of range, in a large batch", LOOKUP,
          {"i.npy": np.full(100000, 2**62)}, "index must be smaller")
asserting("two sizes", PAIR, {"a.npy": X, "b.npy": X[:2]}, "mismatched size")


def main():
    count = failed = 0
    for one in CASES:
        if ONLY_GROUP and one.group != ONLY_GROUP or ONLY and one.name not in ONLY:
            continue
        count += 1
        problems = one.run()
        if problems:
            failed += 1
            print("FAIL [%s] %s: %s" % (one.group, one.name, "; ".join(problems)),
                  flush=True)
    print("%d cases, %d failed" % (count, failed + early))
    return 1 if failed + early or not count else 0


sys.exit(main())
