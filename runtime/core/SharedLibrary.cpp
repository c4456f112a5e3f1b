//===- SharedLibrary.cpp - The library of a model -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/SharedLibrary.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <sys/stat.h>

using namespace sparsec;
using rt::SharedLibrary;

// Constant-initialised and never destroyed: std::mutex has no destructor here.
static std::mutex lock;
static SharedLibrary *loaded;

/// `path` with `dots` times "./" before the file name, and with a slash in any
/// case: without one dlopen searches the system's directories. From malloc.
static char *spell(const char *path, unsigned dots) {
  const char *slash = std::strrchr(path, '/');
  size_t folder = slash ? size_t(slash + 1 - path) : 0;
  if (!slash)
    ++dots;
  size_t length = std::strlen(path);
  char *result = static_cast<char *>(std::malloc(length + 2 * dots + 1));
  if (!result)
    return nullptr;
  std::memcpy(result, path, folder);
  for (unsigned i = 0; i < dots; ++i) {
    result[folder + 2 * i] = '.';
    result[folder + 2 * i + 1] = '/';
  }
  std::strcpy(result + folder + 2 * dots, path + folder);
  return result;
}

sparsec_status SharedLibrary::open(const char *path, Text &why) {
  struct stat info;
  if (::stat(path, &info) != 0) {
    why.append("cannot open %s: %s", path, std::strerror(errno));
    return SPARSEC_NOT_FOUND;
  }
  device = info.st_dev;
  file = info.st_ino;

  std::lock_guard<std::mutex> guard(lock);
  auto anotherFileHas = [&](const char *candidate) {
    for (SharedLibrary *other = loaded; other; other = other->next)
      if ((other->device != device || other->file != file) &&
          std::strcmp(other->spelling, candidate) == 0)
        return true;
    return false;
  };
  for (unsigned dots = 0;; ++dots) {
    std::free(spelling);
    spelling = spell(path, dots);
    if (!spelling) {
      why.append("not enough memory to load %s", path);
      return SPARSEC_OUT_OF_MEMORY;
    }
    if (!anotherFileHas(spelling))
      break;
  }

  // Local: all models export the same symbol.
  handle = ::dlopen(spelling, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = ::dlerror();
    // "PATH: what is wrong", and the path is ours.
    size_t length = std::strlen(spelling);
    if (reason && std::strncmp(reason, spelling, length) == 0 &&
        std::strncmp(reason + length, ": ", 2) == 0)
      reason += length + 2;
    why.append("cannot load %s: %s", path, reason ? reason : "unknown reason");
    return SPARSEC_INVALID_ARTEFACT;
  }
  next = loaded;
  loaded = this;
  return SPARSEC_OK;
}

SharedLibrary::~SharedLibrary() {
  if (handle) {
    std::lock_guard<std::mutex> guard(lock);
    SharedLibrary **link = &loaded;
    while (*link != this)
      link = &(*link)->next;
    *link = next;
    ::dlclose(handle);
  }
  std::free(spelling);
}

void *SharedLibrary::symbol(const char *name) const {
  return ::dlsym(handle, name);
}
