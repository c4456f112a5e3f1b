//===- main.cpp - Compress a matrix and multiply with it ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Format.h"
#include "runtime/formats/Select.h"
#include "runtime/products/Products.h"

#include <cmath>
#include <cstdio>
#include <vector>

using namespace sparsec;

int main() {
  // A 90 % sparse matrix, from a small generator that is the same everywhere.
  constexpr int64_t rows = 300, cols = 500;
  std::vector<float> dense(rows * cols, 0.0f), x(cols);
  uint32_t state = 1;
  auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 8; };
  for (float &value : dense)
    if (next() % 10 == 0)
      value = float(next() % 2001) / 1000.0f - 1.0f;
  for (float &value : x)
    value = float(next() % 2001) / 1000.0f - 1.0f;

  formats::DenseView view;
  view.data = dense.data();
  view.rows = rows;
  view.cols = cols;
  view.rowStride = cols;
  formats::Selection best = formats::select(formats::analyze(view), {});
  std::printf("suits best: %s (%s)\n",
              best.format ? best.format->spelling().c_str() : "dense",
              best.reason.c_str());

  formats::FormatPtr csr = formats::makeFormat("csr", rows, cols);
  formats::PackedMatrix packed;
  if (formats::Status status = csr->pack(view, packed); !status.ok()) {
    std::fprintf(stderr, "multiply: %s\n", status.message().c_str());
    return 1;
  }
  std::printf("%s: %lld of %zu bytes\n", csr->spelling().c_str(),
              (long long)packed.storedBytes(), dense.size() * sizeof(float));

  // csr's components are its values, its column indices and its row offsets.
  products::LinesView<float> lines = {
      packed.components[0].as<float>(), packed.components[1].data(),
      packed.components[2].as<uint32_t>(), cols <= 65536 ? 2u : 4u};
  std::vector<float> y(rows);
  products::multiply(products::typedKernels<float>().lines, lines, rows,
                     packed.stored, x.data(), 1, y.data());

  double worst = 0;
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t c = 0; c < cols; ++c)
      sum += double(dense[r * cols + c]) * double(x[c]);
    worst = std::fmax(worst, std::fabs(sum - double(y[r])));
  }
  std::printf("largest difference from the dense product in double: %.1e\n",
              worst);
  return worst < 1e-4 ? 0 : 1;
}
