//===- LoaderExtension.cpp - hsa_ven_amd_loader_* -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/LoaderExtension.h"
#include "tools/gfx803-emulator/hsa/CodeObjectFile.h"
#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

using namespace gfx803;
using namespace gfx803::hsa;

hsa_status_t hsa::readFile(Runtime &rt, hsa_file_t file, uint64_t offset,
                           uint64_t count, uint64_t &handle) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
    return HSA_STATUS_ERROR_INVALID_FILE;
  uint64_t size = status.st_size;
  if (offset >= size)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (count == UINT64_MAX)
    count = size - offset;
  if (count == 0 || count > size - offset)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Reader reader;
  reader.storage = HSA_VEN_AMD_LOADER_CODE_OBJECT_STORAGE_TYPE_FILE;
  reader.file = file;
  reader.fileOffset = offset;
  reader.bytes.resize(count);
  for (uint64_t done = 0; done < count;) {
    ssize_t got =
        pread(file, reader.bytes.data() + done, count - done, offset + done);
    if (got <= 0)
      return HSA_STATUS_ERROR_INVALID_FILE;
    done += got;
  }
  handle = rt.executables.addReader(std::move(reader));
  return HSA_STATUS_SUCCESS;
}

/// "file:///tmp/k.hsaco#offset=64&size=4096",
/// "memory://PID#offset=...&size=..."
static std::string uri(const LoadedObject &object) {
  const Reader &reader = *object.reader;
  std::string size = "&size=" + std::to_string(reader.bytes.size());
  if (reader.memory)
    return "memory://" + std::to_string(getpid()) + "#offset=" +
           std::to_string(reinterpret_cast<uint64_t>(reader.memory)) + size;
  char path[4096];
  std::string link = "/proc/self/fd/" + std::to_string(reader.file);
  ssize_t length = readlink(link.c_str(), path, sizeof(path));
  return "file://" + std::string(path, std::max<ssize_t>(length, 0)) +
         "#offset=" + std::to_string(reader.fileOffset) + size;
}

static hsa_status_t queryHostAddress(const void *device, const void **host) {
  HSA_RUNTIME(rt);
  if (!device || !host)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  *host = rt->machine.memory.translate(reinterpret_cast<uint64_t>(device), 1);
  return *host ? HSA_STATUS_SUCCESS : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

static hsa_status_t
querySegments(hsa_ven_amd_loader_segment_descriptor_t *descriptors,
              size_t *count) {
  HSA_RUNTIME(rt);
  if (!count || (!descriptors && *count != 0))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  std::vector<hsa_ven_amd_loader_segment_descriptor_t> found;
  for (const Executable &executable : rt->executables.all())
    for (const LoadedObject &object : executable.objects)
      for (const CodeObject::Segment &segment : object.code->code().segments) {
        hsa_ven_amd_loader_segment_descriptor_t one{};
        one.agent = kGpuAgent;
        one.executable.handle = executable.handle;
        one.code_object_storage_type = object.reader->storage;
        one.code_object_storage_base = object.reader->memory;
        one.code_object_storage_size = object.reader->bytes.size();
        one.code_object_storage_offset = object.reader->fileOffset;
        one.segment_base =
            reinterpret_cast<void *>(object.code->at(segment.address));
        one.segment_size = segment.memoryBytes;
        found.push_back(one);
      }
  if (descriptors) {
    if (*count != found.size())
      return HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS;
    std::copy(found.begin(), found.end(), descriptors);
  }
  *count = found.size();
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t queryExecutable(const void *device,
                                    hsa_executable_t *executable) {
  HSA_RUNTIME(rt);
  if (!device || !executable)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  auto address = reinterpret_cast<uint64_t>(device);
  for (const Executable &one : rt->executables.all())
    for (const LoadedObject &object : one.objects)
      if (address - object.code->base() < object.code->code().imageBytes) {
        executable->handle = one.handle;
        return HSA_STATUS_SUCCESS;
      }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

static hsa_status_t
iterateLoaded(hsa_executable_t executable,
              hsa_status_t (*callback)(hsa_executable_t,
                                       hsa_loaded_code_object_t, void *),
              void *data) {
  HSA_RUNTIME(rt);
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Executable found;
  if (!rt->executables.find(executable.handle, found))
    return HSA_STATUS_ERROR_INVALID_EXECUTABLE;
  for (const LoadedObject &object : found.objects)
    if (hsa_status_t status = callback(executable, {object.handle}, data))
      return status;
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t
loadedInfo(hsa_loaded_code_object_t handle,
           hsa_ven_amd_loader_loaded_code_object_info_t attribute,
           void *value) {
  HSA_RUNTIME(rt);
  LoadedObject object;
  if (!rt->executables.findLoaded(handle.handle, object))
    return HSA_STATUS_ERROR_INVALID_CODE_OBJECT;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  const Reader &reader = *object.reader;
  switch (attribute) {
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_EXECUTABLE:
    return give(value, hsa_executable_t{object.executable});
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_KIND:
    return give<uint32_t>(value,
                          HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_KIND_AGENT);
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_AGENT:
    return give(value, kGpuAgent);
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_CODE_OBJECT_STORAGE_TYPE:
    return give<uint32_t>(value, reader.storage);
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_CODE_OBJECT_STORAGE_MEMORY_BASE:
    return give(value, reinterpret_cast<uint64_t>(reader.memory));
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_CODE_OBJECT_STORAGE_MEMORY_SIZE:
    return give<uint64_t>(value, reader.bytes.size());
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_CODE_OBJECT_STORAGE_FILE:
    return give<int>(value, reader.file);
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_LOAD_DELTA:
    return give<int64_t>(value, object.code->base());
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_LOAD_BASE:
    return give<uint64_t>(value, object.code->base());
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_LOAD_SIZE:
    return give<uint64_t>(value, object.code->code().imageBytes);
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_URI_LENGTH:
    return give<uint32_t>(value, uri(object).size());
  case HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_URI: {
    std::string text = uri(object);
    std::copy(text.begin(), text.end(), static_cast<char *>(value));
    return HSA_STATUS_SUCCESS;
  }
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

static hsa_status_t readerFromFile(hsa_file_t file, size_t offset, size_t count,
                                   hsa_code_object_reader_t *reader) {
  HSA_RUNTIME(rt);
  if (!reader || count == 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return readFile(*rt, file, offset, count, reader->handle);
}

static hsa_status_t
iterateExecutables(hsa_status_t (*callback)(hsa_executable_t, void *),
                   void *data) {
  HSA_RUNTIME(rt);
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (const Executable &executable : rt->executables.all())
    if (hsa_status_t status = callback({executable.handle}, data))
      return status;
  return HSA_STATUS_SUCCESS;
}

void hsa::loaderTable(void *table, size_t bytes) {
  const hsa_ven_amd_loader_1_03_pfn_t functions = {
      queryHostAddress, querySegments,  queryExecutable,   iterateLoaded,
      loadedInfo,       readerFromFile, iterateExecutables};
  std::memcpy(table, &functions, std::min(bytes, sizeof(functions)));
}
