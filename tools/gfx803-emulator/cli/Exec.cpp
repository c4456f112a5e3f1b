//===- Exec.cpp - gfx803-emulator exec: run a ROCm program ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/Commands.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// A folder with an `lsmod` that names amdgpu, for programs that ask it whether
/// there is a driver. Removed at the end.
class ToolFolder {
public:
  ToolFolder() = default;
  ToolFolder(const ToolFolder &) = delete;
  ToolFolder &operator=(const ToolFolder &) = delete;
  ~ToolFolder() {
    if (path.empty())
      return;
    unlink(script().c_str());
    rmdir(path.c_str());
  }

  /// False with errno set if it could not be made.
  bool create() {
    const char *temporary = std::getenv("TMPDIR");
    path = std::string(temporary && *temporary ? temporary : "/tmp") +
           "/gfx803-exec-XXXXXX";
    if (!mkdtemp(path.data())) {
      path.clear();
      return false;
    }
    std::FILE *file = std::fopen(script().c_str(), "w");
    if (!file)
      return false;
    bool written = std::fputs("#!/bin/sh\n"
                              "echo 'Module                  Size  Used by'\n"
                              "echo 'amdgpu                     0  0'\n",
                              file) >= 0;
    return std::fclose(file) == 0 && written &&
           chmod(script().c_str(), 0755) == 0;
  }

  std::string path;

private:
  std::string script() const { return path + "/lsmod"; }
};

} // namespace

static constexpr const char *kUsage =
    "usage: gfx803-emulator exec -- PROGRAM [ARGUMENT]...\n";

static constexpr const char *kHelp =
    "Runs a ROCm program, as it is, on the emulated card: the emulator's\n"
    "libhsa-runtime64.so.1 comes first on its library path, and what such\n"
    "programs look for first (lsmod naming amdgpu, /dev/kfd) is answered.\n"
    "The exit status is the program's.\n\n"
    "  gfx803-emulator exec -- rocminfo\n\n"
    "Environment: GFX803_EMULATOR_VRAM, _SEED, _THREADS, _RELAX and _COUNTERS\n"
    "are the emulator's settings; see docs/gfx803-emulator.md.\n";

static int refuse(const std::string &message) {
  return gfx803::fail("exec: " + message);
}

static int explain(const std::string &message) {
  int status = gfx803::misuse("exec: " + message);
  std::fputs(kUsage, stderr);
  return status;
}

static void prepend(const char *variable, const std::string &value) {
  const char *old = std::getenv(variable);
  setenv(variable, old && *old ? (value + ":" + old).c_str() : value.c_str(),
         1);
}

/// The folder of the stand-in, beside this program wherever both are moved.
static std::optional<std::string> standInFolder(std::string &error) {
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
  if (length < 0) {
    error = std::string("cannot read /proc/self/exe: ") + std::strerror(errno);
    return std::nullopt;
  }
  std::string folder(self, length);
  for (int parts = 0; parts < 2; ++parts)
    folder.resize(folder.find_last_of('/'));
  folder += "/lib/gfx803-emulator";
  if (access((folder + "/libhsa-runtime64.so.1").c_str(), R_OK) != 0) {
    error = folder + "/libhsa-runtime64.so.1: " + std::strerror(errno) +
            "; it is built and installed together with this program";
    return std::nullopt;
  }
  if (folder.find_first_of(":;") != std::string::npos) {
    error = folder + ": a library path cannot hold a folder with a colon or "
                     "semicolon in its name";
    return std::nullopt;
  }
  return folder;
}

static volatile sig_atomic_t child = 0;
static void forward(int signal) { kill(child, signal); }

/// In the child: does not return. What went wrong is written to `report`, which
/// a successful exec closes.
[[noreturn]] static void become(char **arguments, const std::string &folder,
                                const std::string &tools, int report) {
  prepend("LD_LIBRARY_PATH", folder);
  prepend("PATH", tools);
  // By its bare name, found on the library path: this variable is split at
  // spaces, too.
  if (access("/dev/kfd", F_OK) != 0)
    prepend("LD_PRELOAD", "libgfx803-devkfd.so");
  execvp(arguments[0], arguments);
  int error = errno;
  if (write(report, &error, sizeof(error)) < 0)
    _exit(126);
  _exit(127);
}

static int waitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return refuse(std::string("cannot wait: ") + std::strerror(errno));
  // As shells report it.
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(char **arguments) {
  std::string error;
  std::optional<std::string> folder = standInFolder(error);
  if (!folder)
    return refuse(error);
  ToolFolder tools;
  if (!tools.create())
    return refuse(std::string("cannot make a temporary folder: ") +
                  std::strerror(errno));
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0)
    return refuse(std::string("cannot make a pipe: ") + std::strerror(errno));
  pid_t pid = fork();
  if (pid < 0)
    return refuse(std::string("cannot fork: ") + std::strerror(errno));
  if (pid == 0)
    become(arguments, *folder, tools.path, report[1]);
  child = pid;
  // The terminal sends these to the program as well, whose decision it is.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGQUIT, SIG_IGN);
  std::signal(SIGTERM, forward);
  std::signal(SIGHUP, forward);
  close(report[1]);
  int code = 0;
  bool started = read(report[0], &code, sizeof(code)) != sizeof(code);
  close(report[0]);
  int status = waitFor(pid);
  return started ? status
                 : refuse(std::string("cannot run '") + arguments[0] +
                          "': " + std::strerror(code));
}

int gfx803::execMain(int argc, char **argv) {
  int i = 2;
  if (i < argc &&
      (std::strcmp(argv[i], "--help") == 0 ||
       std::strcmp(argv[i], "-help") == 0 || std::strcmp(argv[i], "-h") == 0)) {
    std::printf("%s\n%s", kUsage, kHelp);
    return 0;
  }
  if (i >= argc)
    return explain("no program given");
  if (std::strcmp(argv[i], "--") != 0)
    return explain(std::string("unexpected '") + argv[i] +
                   "': the program comes after --");
  if (i + 1 == argc)
    return explain("no program after --");
  return run(argv + i + 1);
}
