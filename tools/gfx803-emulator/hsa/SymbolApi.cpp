//===- SymbolApi.cpp - hsa_executable_symbol_* ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>

using namespace gfx803;
using namespace gfx803::hsa;

static hsa_status_t lookUp(hsa_executable_t executable, const char *name,
                           const hsa_agent_t *agent,
                           hsa_executable_symbol_t *symbol) {
  HSA_RUNTIME(rt);
  if (!name || !symbol)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (agent && !isAgent(*agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  // All symbols are the gpu agent's, none is the program's.
  if (agent && isGpu(*agent))
    for (const Symbol &one : found.symbols)
      if (one.name() == name) {
        symbol->handle = one.handle;
        return HSA_STATUS_SUCCESS;
      }
  return HSA_STATUS_ERROR_INVALID_SYMBOL_NAME;
}

static hsa_status_t kernelInfo(const Symbol &symbol,
                               hsa_executable_symbol_info_t attribute,
                               void *value) {
  const KernelInfo &kernel = *symbol.kernel;
  switch (attribute) {
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_OBJECT:
    return give<uint64_t>(value, symbol.address());
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_KERNARG_SEGMENT_SIZE:
    return give<uint32_t>(value, kernel.kernargBytes);
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_KERNARG_SEGMENT_ALIGNMENT:
    return give<uint32_t>(value, std::max(16u, kernel.kernargAlignment));
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_GROUP_SEGMENT_SIZE:
    return give<uint32_t>(value, kernel.groupBytes);
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_PRIVATE_SEGMENT_SIZE:
    return give<uint32_t>(value, kernel.privateBytes);
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_DYNAMIC_CALLSTACK:
    return give<bool>(value, kernel.dynamicStack);
  case HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_CALL_CONVENTION:
    return give<uint32_t>(value, 0);
  default:
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  }
}

static hsa_status_t variableInfo(const Symbol &symbol,
                                 hsa_executable_symbol_info_t attribute,
                                 void *value) {
  const VariableInfo &variable = *symbol.variable;
  switch (attribute) {
  case HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_ADDRESS:
    return give<uint64_t>(value, symbol.address());
  case HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_SIZE:
    return give<uint32_t>(value, variable.bytes);
  case HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_IS_CONST:
    return give<bool>(value, variable.constant);
  case HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_ALLOCATION:
    return give(value, HSA_VARIABLE_ALLOCATION_AGENT);
  case HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_SEGMENT:
    return give(value, variable.constant ? HSA_VARIABLE_SEGMENT_READONLY
                                         : HSA_VARIABLE_SEGMENT_GLOBAL);
  case HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_ALIGNMENT: {
    // The file does not say: what its address shows.
    uint64_t address = symbol.address();
    return give<uint32_t>(value,
                          std::min<uint64_t>(address & (~address + 1), 4096));
  }
  default:
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  }
}

extern "C" {

hsa_status_t
hsa_executable_get_symbol_by_name(hsa_executable_t executable, const char *name,
                                  const hsa_agent_t *agent,
                                  hsa_executable_symbol_t *symbol) {
  return lookUp(executable, name, agent, symbol);
}

hsa_status_t hsa_executable_get_symbol(hsa_executable_t executable,
                                       const char *module, const char *name,
                                       hsa_agent_t agent, int32_t,
                                       hsa_executable_symbol_t *symbol) {
  if (module && *module && runtime())
    return HSA_STATUS_ERROR_INVALID_SYMBOL_NAME;
  return lookUp(executable, name, &agent, symbol);
}

hsa_status_t
hsa_executable_symbol_get_info(hsa_executable_symbol_t handle,
                               hsa_executable_symbol_info_t attribute,
                               void *value) {
  HSA_RUNTIME(rt);
  Symbol symbol;
  if (!rt->executables.findSymbol(handle.handle, symbol))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE_SYMBOL;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  switch (attribute) {
  case HSA_EXECUTABLE_SYMBOL_INFO_TYPE:
    return give(value, symbol.kernel ? HSA_SYMBOL_KIND_KERNEL
                                     : HSA_SYMBOL_KIND_VARIABLE);
  case HSA_EXECUTABLE_SYMBOL_INFO_NAME_LENGTH:
    return give<uint32_t>(value, symbol.name().size());
  case HSA_EXECUTABLE_SYMBOL_INFO_NAME:
    // Without a zero at the end, as the API has it.
    std::copy(symbol.name().begin(), symbol.name().end(),
              static_cast<char *>(value));
    return HSA_STATUS_SUCCESS;
  case HSA_EXECUTABLE_SYMBOL_INFO_MODULE_NAME_LENGTH:
    return give<uint32_t>(value, 0);
  case HSA_EXECUTABLE_SYMBOL_INFO_MODULE_NAME:
    return HSA_STATUS_SUCCESS;
  case HSA_EXECUTABLE_SYMBOL_INFO_AGENT:
    return give(value, kGpuAgent);
  case HSA_EXECUTABLE_SYMBOL_INFO_LINKAGE:
    return give(value, HSA_SYMBOL_LINKAGE_PROGRAM);
  case HSA_EXECUTABLE_SYMBOL_INFO_IS_DEFINITION:
    return give<bool>(value, true);
  default:
    return symbol.kernel ? kernelInfo(symbol, attribute, value)
                         : variableInfo(symbol, attribute, value);
  }
}

hsa_status_t hsa_executable_iterate_symbols(
    hsa_executable_t executable,
    hsa_status_t (*callback)(hsa_executable_t, hsa_executable_symbol_t, void *),
    void *data) {
  HSA_RUNTIME(rt);
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  for (const Symbol &symbol : found.symbols)
    if (hsa_status_t status = callback(executable, {symbol.handle}, data))
      return status;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_executable_iterate_agent_symbols(
    hsa_executable_t executable, hsa_agent_t agent,
    hsa_status_t (*callback)(hsa_executable_t, hsa_agent_t,
                             hsa_executable_symbol_t, void *),
    void *data) {
  HSA_RUNTIME(rt);
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  if (isCpu(agent))
    return HSA_STATUS_SUCCESS;
  for (const Symbol &symbol : found.symbols)
    if (hsa_status_t status =
            callback(executable, agent, {symbol.handle}, data))
      return status;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_executable_iterate_program_symbols(
    hsa_executable_t executable,
    hsa_status_t (*callback)(hsa_executable_t, hsa_executable_symbol_t, void *),
    void *) {
  HSA_RUNTIME(rt);
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Executable found;
  return rt->executables.find(executable.handle, found)
             ? HSA_STATUS_SUCCESS
             : HSA_STATUS_ERROR_INVALID_EXECUTABLE;
}

} // extern "C"
