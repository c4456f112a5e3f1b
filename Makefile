# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Each of demo, check and bench works as the first command on a fresh Debian 12.

JOBS ?= 2
PYTHON ?= /usr/bin/python3
# What the tests of the Python package use and nothing else does.
PYTHON_TESTS = python3-venv python3-dev python3-pytest python3-hypothesis python3-scipy \
               python3-matplotlib python3-torch python3-sklearn
SOURCES = $(shell git ls-files '*.cpp' '*.h' '*.c')

.PHONY: all build demo check bench docs format check-format tidy asan packages clean

all: build

packages:
	@cmake/install-packages.sh

build: packages
	@test -f build/build.ninja || cmake --preset default
	@cmake --build build -j $(JOBS)

# Compiles the pruned digits network and runs it on the test images.
demo: build
	@$(PYTHON) examples/digits/demo.py --build build

# Every test; ends in ctest's summary.
check: build
	@cmake/install-packages.sh $(PYTHON_TESTS)
	@ctest --test-dir build --output-on-failure

# Tables of ours beside SciPy, OpenBLAS and rocSPARSE, of the packers, and of the emulator.
bench: build
	@$(PYTHON) benchmarks/products.py --build build
	@$(PYTHON) benchmarks/choice.py --build build
	@$(PYTHON) benchmarks/convolutions.py --build build
	@build/bin/pack_benchmark
	@$(PYTHON) benchmarks/emulator_speed.py --build build
	@$(PYTHON) benchmarks/gfx803.py --build build

# The generated reference of the dialect and its passes.
docs: build
	@cmake --build build -j $(JOBS) --target docs

format: packages
	@clang-format-22 -i $(SOURCES)

check-format: packages
	@clang-format-22 --dry-run --Werror $(SOURCES)

tidy: build
	@cmake/install-packages.sh clang-tidy-22
	@run-clang-tidy-22 -quiet -p build '(dialect|passes|lowering|runtime|tools)/.*\.cpp$$'

# The runtime's unit tests under the address and undefined behaviour sanitizers.
asan: packages
	@cmake/install-packages.sh libclang-rt-22-dev
	@test -f build-asan/build.ninja || cmake --preset asan
	@cmake --build --preset asan -j $(JOBS)
	@ctest --test-dir build-asan -L unit --output-on-failure

clean:
	@rm -rf build build-asan
