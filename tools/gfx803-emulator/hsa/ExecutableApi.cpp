//===- ExecutableApi.cpp - hsa_code_object_reader_* and hsa_executable_* --===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/CodeObjectFile.h"
#include "tools/gfx803-emulator/hsa/Runtime.h"

using namespace gfx803;
using namespace gfx803::hsa;

static hsa_status_t create(hsa_profile_t profile,
                           hsa_default_float_rounding_mode_t rounding,
                           bool frozen, hsa_executable_t *executable) {
  HSA_RUNTIME(rt);
  if (!executable || unsigned(profile) > HSA_PROFILE_FULL ||
      unsigned(rounding) > HSA_DEFAULT_FLOAT_ROUNDING_MODE_NEAR)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  executable->handle = rt->executables.create(profile, rounding);
  return frozen ? rt->executables.freeze(executable->handle)
                : HSA_STATUS_SUCCESS;
}

static hsa_status_t validate(hsa_executable_t executable, uint32_t *result) {
  HSA_RUNTIME(rt);
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (!result)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  // What is loaded was checked then.
  return give<uint32_t>(result, 0);
}

/// Definitions would serve code objects with undefined variables, which the
/// loader refuses.
static hsa_status_t define(hsa_executable_t executable, const char *name,
                           const hsa_agent_t *agent) {
  HSA_RUNTIME(rt);
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (!name)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (agent && !isAgent(*agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return found.frozen ? HSA_STATUS_ERROR_FROZEN_EXECUTABLE
                      : HSA_STATUS_ERROR_INVALID_SYMBOL_NAME;
}

extern "C" {

hsa_status_t
hsa_code_object_reader_create_from_memory(const void *bytes, size_t count,
                                          hsa_code_object_reader_t *reader) {
  HSA_RUNTIME(rt);
  if (!bytes || count == 0 || !reader)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Reader made;
  auto *first = static_cast<const std::byte *>(bytes);
  made.bytes.assign(first, first + count);
  made.memory = bytes;
  reader->handle = rt->executables.addReader(std::move(made));
  return HSA_STATUS_SUCCESS;
}

hsa_status_t
hsa_code_object_reader_create_from_file(hsa_file_t file,
                                        hsa_code_object_reader_t *reader) {
  HSA_RUNTIME(rt);
  if (!reader)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return readFile(*rt, file, 0, UINT64_MAX, reader->handle);
}

hsa_status_t hsa_code_object_reader_destroy(hsa_code_object_reader_t reader) {
  HSA_RUNTIME(rt);
  return rt->executables.removeReader(reader.handle)
             ? HSA_STATUS_SUCCESS
             : HSA_STATUS_ERROR_INVALID_CODE_OBJECT_READER;
}

hsa_status_t
hsa_executable_create_alt(hsa_profile_t profile,
                          hsa_default_float_rounding_mode_t rounding,
                          const char *, hsa_executable_t *executable) {
  return create(profile, rounding, false, executable);
}

hsa_status_t hsa_executable_create(hsa_profile_t profile,
                                   hsa_executable_state_t state, const char *,
                                   hsa_executable_t *executable) {
  return create(profile, HSA_DEFAULT_FLOAT_ROUNDING_MODE_DEFAULT,
                state == HSA_EXECUTABLE_STATE_FROZEN, executable);
}

hsa_status_t hsa_executable_destroy(hsa_executable_t executable) {
  HSA_RUNTIME(rt);
  return rt->executables.destroy(executable.handle);
}

hsa_status_t hsa_executable_load_agent_code_object(
    hsa_executable_t executable, hsa_agent_t agent,
    hsa_code_object_reader_t reader, const char *,
    hsa_loaded_code_object_t *loaded) {
  HSA_RUNTIME(rt);
  if (!isGpu(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  uint64_t handle = 0;
  hsa_status_t status =
      rt->executables.load(executable.handle, reader.handle, handle);
  if (!status && loaded)
    loaded->handle = handle;
  return status;
}

hsa_status_t
hsa_executable_load_program_code_object(hsa_executable_t executable,
                                        hsa_code_object_reader_t, const char *,
                                        hsa_loaded_code_object_t *) {
  HSA_RUNTIME(rt);
  Executable found;
  return rt->executables.find(executable.handle, found)
             ? HSA_STATUS_ERROR_INVALID_CODE_OBJECT
             : HSA_STATUS_ERROR_INVALID_EXECUTABLE;
}

hsa_status_t hsa_executable_freeze(hsa_executable_t executable, const char *) {
  HSA_RUNTIME(rt);
  return rt->executables.freeze(executable.handle);
}

hsa_status_t hsa_executable_get_info(hsa_executable_t executable,
                                     hsa_executable_info_t attribute,
                                     void *value) {
  HSA_RUNTIME(rt);
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  switch (attribute) {
  case HSA_EXECUTABLE_INFO_PROFILE:
    return give(value, found.profile);
  case HSA_EXECUTABLE_INFO_STATE:
    return give(value, found.frozen ? HSA_EXECUTABLE_STATE_FROZEN
                                    : HSA_EXECUTABLE_STATE_UNFROZEN);
  case HSA_EXECUTABLE_INFO_DEFAULT_FLOAT_ROUNDING_MODE:
    return give(value, found.rounding);
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_executable_validate(hsa_executable_t executable,
                                     uint32_t *result) {
  return validate(executable, result);
}

hsa_status_t hsa_executable_validate_alt(hsa_executable_t executable,
                                         const char *, uint32_t *result) {
  return validate(executable, result);
}

hsa_status_t hsa_executable_global_variable_define(hsa_executable_t executable,
                                                   const char *name, void *) {
  return define(executable, name, nullptr);
}

hsa_status_t hsa_executable_agent_global_variable_define(
    hsa_executable_t executable, hsa_agent_t agent, const char *name, void *) {
  return define(executable, name, &agent);
}

hsa_status_t hsa_executable_readonly_variable_define(
    hsa_executable_t executable, hsa_agent_t agent, const char *name, void *) {
  return define(executable, name, &agent);
}

} // extern "C"
