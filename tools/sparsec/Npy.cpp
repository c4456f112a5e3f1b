//===- Npy.cpp - Tensors in .npy files ------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Npy.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace sparsec;
using tools::HostTensor;
using tools::NpyHeader;

static constexpr char kMagic[] = "\x93NUMPY";
static constexpr size_t kMagicBytes = sizeof(kMagic) - 1;
static constexpr size_t kAlignment = 64;
/// NumPy's own limit is 10000; a longer one is damaged.
static constexpr size_t kMostHeaderBytes = 1 << 20;

namespace {
struct CloseFile {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;
} // namespace

static std::string systemError() { return std::strerror(errno); }

/// Never null for no bytes; null if there is no memory.
static void *allocate(size_t bytes) {
  size_t rounded = (bytes / kAlignment + 1) * kAlignment;
  return std::aligned_alloc(kAlignment, rounded);
}

/// Reads up to the first element.
static bool readHeader(std::FILE *file, size_t fileBytes, NpyHeader &header,
                       size_t &dataOffset, std::string &problem,
                       tools::NpyTypes types) {
  unsigned char start[kMagicBytes + 6];
  size_t got = std::fread(start, 1, sizeof(start), file);
  if (got < kMagicBytes || std::memcmp(start, kMagic, kMagicBytes) != 0) {
    problem = "not a .npy file";
    return false;
  }
  // Major and minor version, then the length of the header in 2 or 4 bytes.
  unsigned major = got > kMagicBytes ? start[kMagicBytes] : 0;
  unsigned minor = got > kMagicBytes + 1 ? start[kMagicBytes + 1] : 0;
  if (got >= kMagicBytes + 2 && (major < 1 || major > 3 || minor != 0)) {
    problem = "unknown .npy version " + std::to_string(major) + "." +
              std::to_string(minor);
    return false;
  }
  size_t lengthBytes = major == 1 ? 2 : 4;
  size_t begin = kMagicBytes + 2 + lengthBytes;
  if (got < begin) {
    problem = "truncated within its first " + std::to_string(begin) + " bytes";
    return false;
  }
  size_t length = 0;
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= size_t(start[kMagicBytes + 2 + i]) << (8 * i);
  if (length > fileBytes - begin || length > kMostHeaderBytes) {
    problem = "its header should have " + std::to_string(length) +
              " bytes, the file has " + std::to_string(fileBytes - begin) +
              " left (truncated?)";
    return false;
  }
  std::string text(length, '\0');
  if (std::fseek(file, long(begin), SEEK_SET) != 0 ||
      std::fread(text.data(), 1, length, file) != length) {
    problem = "its header cannot be read";
    return false;
  }
  dataOffset = begin + length;
  return tools::parseNpyHeader(text, header, problem, types);
}

/// Rewrites elements from column-major to row-major order.
static void transpose(const sparsec_tensor_type &type, size_t elements,
                      size_t elementBytes, const char *from, char *to) {
  size_t strides[SPARSEC_MAX_RANK], index[SPARSEC_MAX_RANK] = {};
  size_t stride = elementBytes;
  for (uint32_t i = 0; i < type.rank; ++i) {
    strides[i] = stride;
    stride *= size_t(type.shape[i]);
  }
  for (size_t n = 0, source = 0; n < elements; ++n) {
    std::memcpy(to + n * elementBytes, from + source, elementBytes);
    // Count the index up, last dimension fastest.
    for (uint32_t i = type.rank; i-- > 0;) {
      source += strides[i];
      if (++index[i] < size_t(type.shape[i]))
        break;
      source -= strides[i] * size_t(type.shape[i]);
      index[i] = 0;
    }
  }
}

static bool readElements(std::FILE *file, const NpyHeader &header,
                         HostTensor &out, std::string &problem) {
  HostTensor tensor;
  tensor.type = header.type;
  tensor.bytes = header.bytes;
  tensor.data.reset(allocate(header.bytes));
  if (!tensor.data) {
    problem =
        "not enough memory for " + std::to_string(header.bytes) + " bytes";
    return false;
  }
  char *data = static_cast<char *>(tensor.data.get());
  if (std::fread(data, 1, header.bytes, file) != header.bytes) {
    problem = "its data cannot be read";
    return false;
  }
  // Generated code relies on 0 and 1.
  if (header.type.dtype == SPARSEC_I1)
    for (size_t i = 0; i < header.bytes; ++i)
      data[i] = data[i] != 0;
  if (header.fortranOrder && header.type.rank > 1 && header.bytes != 0) {
    HostTensor ordered = {decltype(HostTensor::data)(allocate(header.bytes)),
                          header.type, header.bytes};
    if (!ordered.data) {
      problem = "not enough memory to transpose it";
      return false;
    }
    size_t elementBytes = tools::npyElementBytes(header.type.dtype);
    transpose(header.type, header.bytes / elementBytes, elementBytes, data,
              static_cast<char *>(ordered.data.get()));
    tensor = std::move(ordered);
  }
  out = std::move(tensor);
  return true;
}

bool tools::readNpy(const std::string &path, HostTensor &out,
                    std::string &error, NpyTypes types) {
  File file(std::fopen(path.c_str(), "rbe"));
  struct stat info;
  if (!file || ::fstat(::fileno(file.get()), &info) != 0) {
    error = "cannot open " + path + ": " + systemError();
    return false;
  }
  NpyHeader header;
  size_t dataOffset = 0, fileBytes = size_t(info.st_size);
  std::string problem;
  if (!S_ISREG(info.st_mode))
    problem = "not a regular file";
  else if (readHeader(file.get(), fileBytes, header, dataOffset, problem,
                      types)) {
    if (fileBytes - dataOffset != header.bytes)
      problem = "its shape needs " + std::to_string(header.bytes) +
                " bytes of data, the file has " +
                std::to_string(fileBytes - dataOffset);
    else if (readElements(file.get(), header, out, problem))
      return true;
  }
  error = "cannot read " + path + ": " + problem;
  return false;
}

/// float32 has the bits of bfloat16 as its upper half.
static bool writeWidened(std::FILE *file, const void *data, size_t elements) {
  const char *next = static_cast<const char *>(data);
  uint32_t wide[1024];
  while (elements != 0) {
    size_t here = elements < 1024 ? elements : 1024;
    for (size_t i = 0; i < here; ++i, next += 2) {
      uint16_t narrow;
      std::memcpy(&narrow, next, sizeof(narrow));
      wide[i] = uint32_t(narrow) << 16;
    }
    if (std::fwrite(wide, sizeof(uint32_t), here, file) != here)
      return false;
    elements -= here;
  }
  return true;
}

/// Writes all and closes the file; false with errno on failure.
static bool writeFile(int descriptor, const std::string &header,
                      const sparsec_tensor &tensor, size_t elements) {
  std::FILE *file = ::fdopen(descriptor, "wb");
  if (!file) {
    ::close(descriptor);
    return false;
  }
  size_t bytes = elements * tools::npyElementBytes(tensor.type.dtype);
  bool good =
      std::fwrite(header.data(), 1, header.size(), file) == header.size();
  if (good && tensor.type.dtype == SPARSEC_BF16)
    good = writeWidened(file, tensor.data, elements);
  else if (good && bytes != 0)
    good = std::fwrite(tensor.data, 1, bytes, file) == bytes;
  int reason = errno;
  // The last bytes may fail only here.
  if (std::fclose(file) != 0 && good)
    return false;
  errno = reason;
  return good;
}

/// Magic, version, length and dictionary, padded to kAlignment. Empty if the
/// tensor cannot be written.
static std::string makeHeader(sparsec_tensor_type type) {
  if (type.dtype == SPARSEC_BF16)
    type.dtype = SPARSEC_F32;
  if (type.rank > SPARSEC_MAX_RANK)
    return "";
  std::string text = tools::printNpyHeader(type);
  if (text.empty())
    return "";
  size_t begin = kMagicBytes + 4;
  while ((begin + text.size() + 1) % kAlignment != 0)
    text += ' ';
  text += '\n';
  std::string start = kMagic;
  start += {'\1', '\0', char(text.size() & 255), char(text.size() >> 8)};
  return start + text;
}

bool tools::writeNpy(const std::string &path, const sparsec_tensor &tensor,
                     std::string &error) {
  std::string header = makeHeader(tensor.type);
  size_t elements = 1;
  for (uint32_t i = 0; i < tensor.type.rank && !header.empty(); ++i)
    elements *= size_t(tensor.type.shape[i]);
  auto fail = [&](const std::string &reason) {
    error = "cannot write " + path + ": " + reason;
    return false;
  };
  if (header.empty())
    return fail(".npy files have no such tensors");

  struct stat info;
  bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    return (file >= 0 && writeFile(file, header, tensor, elements)) ||
           fail(systemError());
  }

  // A link stays a link: what it points to is replaced.
  std::string target = path;
  if (char *real = exists ? ::realpath(path.c_str(), nullptr) : nullptr) {
    target = real;
    std::free(real);
  }
  static std::atomic<unsigned> count;
  std::string temporary = target + ".tmp" + std::to_string(::getpid()) + "." +
                          std::to_string(count++);
  int file =
      ::open(temporary.c_str(),
             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0)
    return fail(systemError());
  if (writeFile(file, header, tensor, elements) &&
      ::rename(temporary.c_str(), target.c_str()) == 0)
    return true;
  std::string reason = systemError();
  ::unlink(temporary.c_str());
  return fail(reason);
}
