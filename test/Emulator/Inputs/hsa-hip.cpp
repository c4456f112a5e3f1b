// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A HIP program without HIP's headers: its argument is a code object with the
// kernel look_up of hsa-kernels.cl.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

// hipError_t is an int that is 0 on success; handles are pointers.
extern "C" {
int hipGetDeviceCount(int *count);
int hipDeviceGetName(char *name, int bytes, int device);
int hipMalloc(void **address, size_t bytes);
int hipFree(void *address);
int hipMemcpy(void *to, const void *from, size_t bytes, int kind);
int hipModuleLoad(void **module, const char *file);
int hipModuleGetFunction(void **function, void *module, const char *name);
int hipModuleLaunchKernel(void *function, unsigned gridX, unsigned gridY,
                          unsigned gridZ, unsigned blockX, unsigned blockY,
                          unsigned blockZ, unsigned shared, void *stream,
                          void **arguments, void **extra);
int hipDeviceSynchronize();
}

static void check(int error, const char *what) {
  if (error == 0)
    return;
  std::printf("%s: hipError_t %d\n", what, error);
  std::exit(1);
}

int main(int, char **argv) {
  int count = 0;
  check(hipGetDeviceCount(&count), "hipGetDeviceCount");
  char name[256] = {};
  check(hipDeviceGetName(name, sizeof(name), 0), "hipDeviceGetName");
  std::printf("%d device, %s\n", count, name);

  const unsigned n = 1024;
  std::vector<uint32_t> host(n, 9);
  void *device = nullptr, *module = nullptr, *function = nullptr;
  check(hipMalloc(&device, n * 4), "hipMalloc");
  check(hipMemcpy(device, host.data(), n * 4, 1), "hipMemcpy to the device");
  check(hipModuleLoad(&module, argv[1]), "hipModuleLoad");
  check(hipModuleGetFunction(&function, module, "look_up"),
        "hipModuleGetFunction");
  void *arguments[] = {&device};
  check(hipModuleLaunchKernel(function, n / 64, 1, 1, 64, 1, 1, 0, nullptr,
                              arguments, nullptr),
        "hipModuleLaunchKernel");
  check(hipDeviceSynchronize(), "hipDeviceSynchronize");
  check(hipMemcpy(host.data(), device, n * 4, 2), "hipMemcpy to the host");
  std::printf("%u %u %u %u\n", host[0], host[1], host[2], host[n - 1]);
  check(hipFree(device), "hipFree");
}
