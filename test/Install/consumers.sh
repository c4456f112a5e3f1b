#!/usr/bin/env bash
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# consumers.sh SOURCE BUILD: installs BUILD into a folder of its own, builds the C and C++
# examples against it with another compiler than ours, moves the prefix, and runs them.
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix"
cp -r "$source/examples/consumer-c" "$source/examples/consumer-cpp" "$work"
for language in c cpp; do
  cmake -S "$work/consumer-$language" -B "$work/$language" -G Ninja \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
  cmake --build "$work/$language"
done

"$work/prefix/bin/sparsec" compile "$source/examples/digits/digits.mlir" -o "$work/digits.so"
"$work/c/run_model" "$work/digits.so" | tee "$work/c.txt"
grep -q '^fc1.weight: bitmask, [0-9]* of 524288 bytes$' "$work/c.txt"
grep -Eq '^result:( -?[0-9.e+-]+){10}$' "$work/c.txt"
"$work/cpp/multiply"

# Refusals: one line, status 1.
if "$work/c/run_model" "$work/no-such.so" 2>"$work/error.txt"; then exit 1; fi
[ "$(wc -l <"$work/error.txt")" -eq 1 ]
grep -q 'no-such.so' "$work/error.txt"
echo "the examples ran against an installed prefix"
