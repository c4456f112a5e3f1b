//===- DevKfd.cpp - A /dev/kfd for programs that look for one -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Preloaded by `gfx803-emulator exec` on machines without an AMD driver.
// Programs probe /dev/kfd to see whether there is one; no HSA program does more
// with it, since the HSA runtime, here the stand-in, is what talks to it. So
// the path stands for /dev/null in the calls that probe, and every other path
// is left alone.
//
//===----------------------------------------------------------------------===//

#include <cstdarg>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/// The next definition of a function: libc's.
template <typename Function>
static Function *original(Function *, const char *name) {
  return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

static const char *replaced(const char *path) {
  return path && std::strcmp(path, "/dev/kfd") == 0 ? "/dev/null" : path;
}

/// The mode, which is only there if the flags say that a file may be created.
static mode_t modeOf(int flags, va_list arguments) {
  bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return creates ? mode_t(va_arg(arguments, int)) : 0;
}

#define EXPORTED extern "C" __attribute__((visibility("default")))

#define OPEN(name)                                                             \
  EXPORTED int name(const char *path, int flags, ...) {                        \
    static auto *next = original(&name, #name);                                \
    va_list arguments;                                                         \
    va_start(arguments, flags);                                                \
    mode_t mode = modeOf(flags, arguments);                                    \
    va_end(arguments);                                                         \
    return next(replaced(path), flags, mode);                                  \
  }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                                          \
  EXPORTED int name(int folder, const char *path, int flags, ...) {            \
    static auto *next = original(&name, #name);                                \
    va_list arguments;                                                         \
    va_start(arguments, flags);                                                \
    mode_t mode = modeOf(flags, arguments);                                    \
    va_end(arguments);                                                         \
    return next(folder, replaced(path), flags, mode);                          \
  }
OPEN_AT(openat)
OPEN_AT(openat64)

// What open becomes where the compiler checks its arguments.
#define OPEN_CHECKED(name)                                                     \
  EXPORTED int name(const char *path, int flags) {                             \
    static auto *next = original(&name, #name);                                \
    return next(replaced(path), flags);                                        \
  }
OPEN_CHECKED(__open_2)
OPEN_CHECKED(__open64_2)

EXPORTED int access(const char *path, int mode) noexcept {
  static auto *next = original(&access, "access");
  return next(replaced(path), mode);
}

EXPORTED int faccessat(int folder, const char *path, int mode,
                       int flags) noexcept {
  static auto *next = original(&faccessat, "faccessat");
  return next(folder, replaced(path), mode, flags);
}

#define STAT(name, type)                                                       \
  EXPORTED int name(const char *path, struct type *result) noexcept {          \
    static auto *next = original(&name, #name);                                \
    return next(replaced(path), result);                                       \
  }
STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)
STAT(lstat64, stat64)
