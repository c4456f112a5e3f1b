//===- Executables.cpp - Code objects, executables and their symbols ------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Executables.h"
#include "tools/gfx803-emulator/hsa/Messages.h"

#include <algorithm>

using namespace gfx803;
using namespace gfx803::hsa;

uint64_t Executables::addReader(Reader reader) {
  std::lock_guard<std::mutex> lock(mutex);
  readers[nextReader] = std::make_shared<const Reader>(std::move(reader));
  return nextReader++;
}

bool Executables::removeReader(uint64_t handle) {
  std::lock_guard<std::mutex> lock(mutex);
  return readers.erase(handle) != 0;
}

uint64_t Executables::create(hsa_profile_t profile,
                             hsa_default_float_rounding_mode_t rounding) {
  std::lock_guard<std::mutex> lock(mutex);
  Executable &made = executables[nextExecutable];
  made.handle = nextExecutable;
  made.profile = profile;
  made.rounding = rounding;
  return nextExecutable++;
}

hsa_status_t Executables::destroy(uint64_t handle) {
  // Unloads when this goes out of scope, after the lock.
  Executable gone;
  std::lock_guard<std::mutex> lock(mutex);
  auto found = executables.find(handle);
  if (found == executables.end())
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  for (const Symbol &symbol : found->second.symbols) {
    symbolOwners.erase(symbol.handle);
    kernelOwners.erase(symbol.address());
  }
  gone = std::move(found->second);
  executables.erase(found);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Executables::load(uint64_t executable, uint64_t readerHandle,
                               uint64_t &loadedHandle) {
  std::lock_guard<std::mutex> lock(mutex);
  auto owner = executables.find(executable);
  if (owner == executables.end())
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (owner->second.frozen)
    return HSA_STATUS_ERROR_FROZEN_EXECUTABLE;
  auto reader = readers.find(readerHandle);
  if (reader == readers.end())
    return HSA_STATUS_ERROR_INVALID_CODE_OBJECT_READER;

  std::string error;
  const std::vector<std::byte> &bytes = reader->second->bytes;
  auto object = CodeObject::read(bytes.data(), bytes.size(), error);
  if (!object) {
    complain("code object: " + error);
    return HSA_STATUS_ERROR_INVALID_CODE_OBJECT;
  }
  std::shared_ptr<LoadedCode> code =
      LoadedCode::load(machine, std::move(object), error);
  if (!code) {
    complain("code object: " + error);
    return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  }

  std::vector<Symbol> added;
  for (const KernelInfo &kernel : code->code().kernels)
    added.push_back({0, code, &kernel, nullptr});
  for (const VariableInfo &variable : code->code().variables)
    added.push_back({0, code, nullptr, &variable});
  std::vector<Symbol> &symbols = owner->second.symbols;
  for (const Symbol &one : added)
    if (std::any_of(symbols.begin(), symbols.end(), [&](const Symbol &other) {
          return other.name() == one.name();
        })) {
      complain("code object: '" + one.name() +
               "' is already defined in the executable");
      return HSA_STATUS_ERROR_VARIABLE_ALREADY_DEFINED;
    }
  for (Symbol &one : added) {
    one.handle = nextSymbol++;
    symbolOwners[one.handle] = executable;
    if (one.kernel)
      kernelOwners[one.address()] = executable;
    symbols.push_back(std::move(one));
  }
  loadedHandle = nextLoaded++;
  owner->second.objects.push_back(
      {loadedHandle, executable, reader->second, std::move(code)});
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Executables::freeze(uint64_t handle) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = executables.find(handle);
  if (found == executables.end())
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  if (found->second.frozen)
    return HSA_STATUS_ERROR_FROZEN_EXECUTABLE;
  found->second.frozen = true;
  return HSA_STATUS_SUCCESS;
}

bool Executables::find(uint64_t handle, Executable &found) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = executables.find(handle);
  if (it == executables.end())
    return false;
  found = it->second;
  return true;
}

bool Executables::findSymbol(uint64_t handle, Symbol &found) {
  std::lock_guard<std::mutex> lock(mutex);
  auto owner = symbolOwners.find(handle);
  if (owner == symbolOwners.end())
    return false;
  for (const Symbol &symbol : executables[owner->second].symbols)
    if (symbol.handle == handle)
      found = symbol;
  return true;
}

bool Executables::findLoaded(uint64_t handle, LoadedObject &found) {
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &[key, executable] : executables)
    for (const LoadedObject &object : executable.objects)
      if (object.handle == handle) {
        found = object;
        return true;
      }
  return false;
}

std::vector<Executable> Executables::all() {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<Executable> copies;
  for (const auto &[handle, executable] : executables)
    copies.push_back(executable);
  return copies;
}

Executables::Kernel Executables::kernel(uint64_t object) {
  std::lock_guard<std::mutex> lock(mutex);
  auto owner = kernelOwners.find(object);
  if (owner == kernelOwners.end())
    return {};
  const Executable &executable = executables[owner->second];
  if (!executable.frozen)
    return {};
  for (const Symbol &symbol : executable.symbols)
    if (symbol.kernel && symbol.address() == object)
      return {symbol.code, symbol.kernel};
  return {};
}
