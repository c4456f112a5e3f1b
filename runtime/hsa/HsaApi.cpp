//===- HsaApi.cpp - An HSA library, loaded at run time --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/HsaApi.h"

#include "runtime/core/Status.h"

#include <dlfcn.h>

using namespace sparsec;
using rt::HsaApi;

/// Converts to whatever function pointer it is assigned to.
namespace {
struct Symbol {
  void *address;
  template <typename F> operator F *() const {
    return reinterpret_cast<F *>(address);
  }
};
} // namespace

bool HsaApi::load(const char *library, Text &why) {
  void *handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = ::dlerror();
    why.append("%s", reason ? reason : library);
    return false;
  }
#define SPARSEC_LOOK_UP(name)                                                  \
  name = Symbol{::dlsym(handle, #name)};                                       \
  if (!name) {                                                                 \
    why.append("%s: no function %s: too old", library, #name);                 \
    ::dlclose(handle);                                                         \
    return false;                                                              \
  }
  SPARSEC_HSA_FUNCTIONS(SPARSEC_LOOK_UP)
#undef SPARSEC_LOOK_UP
#define SPARSEC_LOOK_UP(name) name = Symbol{::dlsym(handle, #name)};
  SPARSEC_EMULATOR_FUNCTIONS(SPARSEC_LOOK_UP)
#undef SPARSEC_LOOK_UP
  return true;
}

const char *HsaApi::describe(hsa_status_t status) const {
  const char *text = nullptr;
  // Error codes of AMD's own are unknown to older libraries.
  if (hsa_status_string(status, &text) == HSA_STATUS_SUCCESS && text)
    return text;
  switch (unsigned(status)) {
  case HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION:
    return "a kernel accessed memory outside the apertures";
  case HSA_STATUS_ERROR_ILLEGAL_INSTRUCTION:
    return "a kernel executed an illegal instruction";
  case HSA_STATUS_ERROR_MEMORY_FAULT:
    return "a kernel accessed memory that is not there";
  }
  return "an error that the HSA library has no name for";
}

sparsec_status rt::failHsa(const HsaApi &api, hsa_status_t status,
                           const char *what) {
  return fail(status == HSA_STATUS_ERROR_OUT_OF_RESOURCES
                  ? SPARSEC_OUT_OF_MEMORY
                  : SPARSEC_FAULT,
              "%s: %s", what, api.describe(status));
}
