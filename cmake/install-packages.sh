#!/usr/bin/env bash
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the Debian 12 packages that sparsec is built and tested with, as far as
# they are missing, and those that the command line names. What each is for:
# docs/dependencies.md.
set -euo pipefail

packages=(
  # to build
  make cmake ninja-build ccache g++ clang-22 lld-22 libhsa-runtime-dev
  llvm-22-dev libmlir-22-dev mlir-22-tools liblld-22-dev libomp-22-dev
  zlib1g-dev libzstd-dev
  # to test
  llvm-22-tools clang-format-22 libgtest-dev libgmock-dev
  python3 python3-numpy python3-jsonschema rocminfo
  # to compare with, in the benchmarks
  libbenchmark-dev python3-scipy libopenblas0-pthread
  "$@"
)

missing=()
for package in "${packages[@]}"; do
  if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null |
      grep -qx installed; then
    missing+=("$package")
  fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "install-packages.sh: no apt-get here; sparsec is built on Debian 12 with: ${packages[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-packages.sh: missing packages: ${missing[*]}; run this script as root" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --no-install-recommends "${missing[@]}"
