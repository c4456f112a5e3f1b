# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""AMD's gfx803 kernels out of Debian's librocsparse0, kept in a cache folder.

The package is 94 MB and its library 1.3 GB, for a dozen chips; what is kept is the
few gfx803 code objects with the kernels of rocsparse.py, about 50 MB, and an index
of their kernels. Nothing of the package is installed.

    code_objects.py CACHE    fills the cache; exit 1 and the reason when it can't
"""

import fcntl
import json
import mmap
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "librocsparse0"
# The argument lists in rocsparse.py are those of this release.
VERSION = "5.3."
TARGET = b"amdgcn-amd-amdhsa--gfx803"
BUNDLE = b"__CLANG_OFFLOAD_BUNDLE__"
# 32-bit indices and float values; alpha and beta by value, not by address.
KERNELS = re.compile(
    rb"_ZL\d+(?:csrmvn_general_kernel|csrmvn_adaptive_kernel"
    rb"|csrmmn[nt]_general_(?:main_|remainder_)?kernel"
    rb"|csrmmn[nt]_row_split_(?:main_|remainder_)?kernel"
    rb"|s?bsrxmvn_\w+?_kernel)"
    rb"I(?:Lj\d+E|L20rocsparse_direction_\dE)*(?:iiff|fiif|iif)Ev\w+(?=\.kd\0)")


class Unavailable(Exception):
    """The kernels can't be had here; the text says why."""


def bundled(library):
    """The gfx803 code objects of a library: each as (offset, size)."""
    at = library.find(BUNDLE)
    while at >= 0:
        count, = struct.unpack_from("<Q", library, at + len(BUNDLE))
        entry = at + len(BUNDLE) + 8
        end = entry
        for _ in range(count):
            offset, size, length = struct.unpack_from("<QQQ", library, entry)
            entry += 24
            if library[entry:entry + length].endswith(TARGET):
                yield at + offset, size
            entry += length
            end = max(end, entry, at + offset + size)
        at = library.find(BUNDLE, end)


def extract(path, folder):
    """Writes the code objects that hold our kernels; {kernel: file name}."""
    index = {}
    with open(path, "rb") as file, \
         mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as library:
        for offset, size in bundled(library):
            blob = library[offset:offset + size]
            kernels = sorted({name.decode() for name in KERNELS.findall(blob)})
            if kernels:
                name = f"{len(set(index.values()))}.hsaco"
                (folder / name).write_bytes(blob)
                index.update(dict.fromkeys(kernels, name))
    return index


def call(command, **arguments):
    """Runs a tool of dpkg or apt; what it printed."""
    if not shutil.which(command[0]):
        raise Unavailable(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          **arguments)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise Unavailable(f"{' '.join(command[:2])}: {said[-1]}")
    return done.stdout


def download(folder):
    """The package's file."""
    if not shutil.which("dpkg-deb"):
        raise Unavailable("dpkg-deb is not installed")
    call(["apt-get", "download", "-q", "-o", "Acquire::Retries=1",
          "-o", "Acquire::http::Timeout=20", PACKAGE], cwd=folder)
    package, = folder.glob("*.deb")
    version = call(["dpkg-deb", "--field", str(package), "Version"]).strip()
    if not version.startswith(VERSION):
        raise Unavailable(f"{PACKAGE} {version} is not the {VERSION}x whose argument "
                          "lists are known")
    return package


def unpack(package, folder):
    """The library in a package: a stream of tar, as the rest is of no use."""
    library = folder / "librocsparse.so"
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package],
                          stdout=subprocess.PIPE) as stream, \
         tarfile.open(fileobj=stream.stdout, mode="r|") as tar:
        for member in tar:
            if member.isfile() and "/librocsparse.so." in member.name:
                with open(library, "wb") as file:
                    shutil.copyfileobj(tar.extractfile(member), file, 1 << 20)
    if not library.exists():
        raise Unavailable(f"{package.name} has no librocsparse.so")
    return library


def fill(cache):
    """Fills the cache once, however many ask; returns the index of kernels."""
    cache = pathlib.Path(cache)
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        index = cache / "index.json"
        if not index.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                scratch = pathlib.Path(scratch)
                package = download(scratch)
                kernels = extract(unpack(package, scratch), cache)
                if not kernels:
                    raise Unavailable(f"{package.name} has no kernels for gfx803")
                # Last, and at once: an index says that all it names is there.
                (scratch / "index.json").write_text(json.dumps(kernels, indent=1))
                (scratch / "index.json").rename(index)
        return json.loads(index.read_text())


def main():
    try:
        fill(sys.argv[1])
    except (Unavailable, OSError, tarfile.TarError) as error:
        print(f"no rocSPARSE kernels: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
