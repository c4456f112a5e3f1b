//===- PruneMasks.cpp - Which elements a pruner drops ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A tensor is cut into units: elements, lines along one dimension, or blocks.
// Of the units the smallest are dropped, ceil(sparsity * units) of them; of
// equal ones those that come first. The size of an element is its magnitude, of
// a larger unit the sum of the squares of its elements, in f64. NaN is larger
// than any number: it is not dropped unless all goes.

#include "passes/PruneMasks.h"

#include <cmath>
#include <numeric>

using namespace llvm;
using namespace sparsec;

static double magnitude(double value) {
  return std::isnan(value) ? std::numeric_limits<double>::infinity()
                           : std::abs(value);
}

/// The first `count` of the units in ascending order of size.
static BitVector findSmallest(ArrayRef<double> sizes, int64_t count) {
  std::vector<int64_t> order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  BitVector dropped(sizes.size());
  if (count > 0 && count < int64_t(sizes.size()))
    std::nth_element(order.begin(), order.begin() + count, order.end(),
                     [&](int64_t a, int64_t b) {
                       return std::pair(sizes[a], a) < std::pair(sizes[b], b);
                     });
  for (int64_t i = 0; i < count; ++i)
    dropped.set(order[i]);
  return dropped;
}

static int64_t countDropped(double sparsity, int64_t units) {
  // A product such as 0.9 * 10 may come out a little above what it means.
  return std::min<int64_t>(std::ceil(sparsity * double(units) - 1e-9), units);
}

bool sparsec::suits(const PruneRules &rules, ArrayRef<int64_t> shape) {
  switch (rules.mode) {
  case PruneMode::Magnitude:
  case PruneMode::Channel:
    return !shape.empty();
  case PruneMode::NM:
    return !shape.empty() && shape.back() % rules.m == 0;
  case PruneMode::Row:
  case PruneMode::Column:
  case PruneMode::Block:
    return shape.size() == 2;
  }
  llvm_unreachable("unknown way to prune");
}

/// n:m: each m consecutive elements are pruned by themselves.
static BitVector findPrunedOfGroups(const PruneRules &rules, int64_t elements,
                                    const ConstantReader &reader) {
  BitVector dropped(elements);
  std::vector<double> group(rules.m);
  for (int64_t first = 0; first < elements; first += rules.m) {
    for (int64_t i = 0; i < rules.m; ++i)
      group[i] = magnitude(reader[first + i]);
    BitVector smallest = findSmallest(group, rules.m - rules.n);
    for (unsigned i : smallest.set_bits())
      dropped.set(first + i);
  }
  return dropped;
}

BitVector sparsec::findPruned(const PruneRules &rules, ArrayRef<int64_t> shape,
                              const ConstantReader &reader) {
  int64_t elements = std::accumulate(shape.begin(), shape.end(), int64_t(1),
                                     std::multiplies<>());
  BitVector dropped(elements);
  if (elements == 0)
    return dropped;
  if (rules.mode == PruneMode::NM)
    return findPrunedOfGroups(rules, elements, reader);
  if (rules.mode == PruneMode::Magnitude) {
    if (rules.threshold >= 0) {
      for (int64_t i = 0; i < elements; ++i)
        if (std::abs(reader[i]) <= rules.threshold) // never NaN
          dropped.set(i);
      return dropped;
    }
    std::vector<double> sizes(elements);
    for (int64_t i = 0; i < elements; ++i)
      sizes[i] = magnitude(reader[i]);
    return findSmallest(sizes, countDropped(rules.sparsity, elements));
  }

  // Of larger units, the one that an element belongs to.
  int64_t line = elements / shape.front(),
          across = divideCeil(line, rules.block);
  int64_t units = rules.mode == PruneMode::Block
                      ? int64_t(divideCeil(shape.front(), rules.block)) * across
                  : rules.mode == PruneMode::Column ? line
                                                    : shape.front();
  auto unitOf = [&](int64_t i) {
    int64_t row = i / line, col = i % line;
    if (rules.mode == PruneMode::Block)
      return row / rules.block * across + col / rules.block;
    return rules.mode == PruneMode::Column ? col : row;
  };
  std::vector<double> sizes(units);
  for (int64_t i = 0; i < elements; ++i) {
    double size = magnitude(reader[i]);
    sizes[unitOf(i)] += size * size;
  }
  BitVector smallest = findSmallest(sizes, countDropped(rules.sparsity, units));
  for (int64_t i = 0; i < elements; ++i)
    if (smallest[unitOf(i)])
      dropped.set(i);
  return dropped;
}
