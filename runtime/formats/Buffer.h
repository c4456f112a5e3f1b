//===- Buffer.h - Aligned bytes and views of dense matrices -----*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_BUFFER_H
#define SPARSEC_RUNTIME_FORMATS_BUFFER_H

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace sparsec::formats {

/// Owned bytes, 64-byte aligned, left uninitialised by `Buffer(size)` so that
/// parallel packers touch each page first. Moves only.
class Buffer {
public:
  /// Kernels may load a whole vector that starts at the last entry of an array:
  /// every buffer has this many readable bytes behind its end.
  static constexpr int64_t kSlack = 64;

  Buffer() = default;
  /// `size` bytes; `data()` is null if there is no memory for them.
  explicit Buffer(int64_t size);

  int64_t size() const { return bytes; }
  bool valid() const { return bytes == 0 || storage != nullptr; }
  void *data() { return storage.get(); }
  const void *data() const { return storage.get(); }
  template <typename T> T *as() { return static_cast<T *>(data()); }
  template <typename T> const T *as() const {
    return static_cast<const T *>(data());
  }
  /// Gives the allocation to the caller, who releases it with std::free.
  void *release();

private:
  struct Free {
    void operator()(void *p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> storage;
  int64_t bytes = 0;
};

/// A dense matrix in memory; strides count elements. A splat has both strides
/// zero, a transpose swaps them.
struct DenseView {
  const void *data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t rowStride = 0;
  int64_t colStride = 1;
  unsigned elementBytes = 4;

  bool contiguousRows() const { return colStride == 1; }
};

struct MutableDenseView {
  void *data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t rowStride = 0;
  int64_t colStride = 1;
  unsigned elementBytes = 4;
};

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_BUFFER_H
