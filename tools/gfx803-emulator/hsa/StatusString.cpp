//===- StatusString.cpp - hsa_status_string -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

using namespace gfx803;
using namespace gfx803::hsa;

#define STATUS(name, sentence) {int(name), #name ": " sentence}

static constexpr struct {
  int status;
  const char *text;
} kStatusStrings[] = {
    STATUS(HSA_STATUS_SUCCESS, "The function has been executed successfully."),
    STATUS(HSA_STATUS_INFO_BREAK,
           "A traversal over a list of elements has been interrupted by the "
           "application before completing."),
    STATUS(HSA_STATUS_ERROR, "A generic error has occurred."),
    STATUS(HSA_STATUS_ERROR_INVALID_ARGUMENT,
           "One of the actual arguments does not meet a precondition."),
    STATUS(HSA_STATUS_ERROR_INVALID_QUEUE_CREATION,
           "The requested queue creation is not valid."),
    STATUS(HSA_STATUS_ERROR_INVALID_ALLOCATION,
           "The requested allocation is not valid."),
    STATUS(HSA_STATUS_ERROR_INVALID_AGENT, "The agent is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_REGION, "The memory region is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_SIGNAL, "The signal is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_QUEUE, "The queue is invalid."),
    STATUS(HSA_STATUS_ERROR_OUT_OF_RESOURCES,
           "The runtime failed to allocate the necessary resources."),
    STATUS(HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
           "The AQL packet is malformed."),
    STATUS(HSA_STATUS_ERROR_RESOURCE_FREE,
           "An error has been detected while releasing a resource."),
    STATUS(HSA_STATUS_ERROR_NOT_INITIALIZED,
           "The runtime has not been initialized."),
    STATUS(HSA_STATUS_ERROR_REFCOUNT_OVERFLOW,
           "The maximum reference count for the object has been reached."),
    STATUS(HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS,
           "The arguments passed to a function are not compatible."),
    STATUS(HSA_STATUS_ERROR_INVALID_INDEX, "The index is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_ISA,
           "The instruction set architecture is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_ISA_NAME,
           "The instruction set architecture name is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_CODE_OBJECT, "The code object is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_EXECUTABLE, "The executable is invalid."),
    STATUS(HSA_STATUS_ERROR_FROZEN_EXECUTABLE, "The executable is frozen."),
    STATUS(HSA_STATUS_ERROR_INVALID_SYMBOL_NAME,
           "There is no symbol with the given name."),
    STATUS(HSA_STATUS_ERROR_VARIABLE_ALREADY_DEFINED,
           "The variable is already defined."),
    STATUS(HSA_STATUS_ERROR_VARIABLE_UNDEFINED, "The variable is undefined."),
    STATUS(HSA_STATUS_ERROR_EXCEPTION,
           "An HSAIL operation resulted in a hardware exception."),
    STATUS(HSA_STATUS_ERROR_INVALID_CODE_SYMBOL, "The code object symbol is "
                                                 "invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_EXECUTABLE_SYMBOL,
           "The executable symbol is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_FILE, "The file descriptor is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_CODE_OBJECT_READER,
           "The code object reader is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_CACHE, "The cache is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_WAVEFRONT, "The wavefront is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_SIGNAL_GROUP,
           "The signal group is invalid."),
    STATUS(HSA_STATUS_ERROR_INVALID_RUNTIME_STATE,
           "The HSA runtime is not in the configuration state."),
    STATUS(HSA_STATUS_ERROR_FATAL,
           "The queue received an error that may require process "
           "termination."),
    STATUS(HSA_STATUS_ERROR_INVALID_MEMORY_POOL, "The memory pool is invalid."),
    STATUS(HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION,
           "The agent attempted to access memory beyond the largest legal "
           "address."),
    STATUS(HSA_STATUS_ERROR_ILLEGAL_INSTRUCTION,
           "The agent attempted to execute an illegal shader instruction."),
    STATUS(HSA_STATUS_ERROR_MEMORY_FAULT,
           "The agent attempted to access an inaccessible address."),
    STATUS(HSA_STATUS_CU_MASK_REDUCED,
           "The CU mask was successfully set but the mask attempted to enable "
           "a CU which was disabled for the process."),
    STATUS(HSA_EXT_STATUS_ERROR_IMAGE_FORMAT_UNSUPPORTED,
           "The image format is not supported."),
    STATUS(HSA_EXT_STATUS_ERROR_IMAGE_SIZE_UNSUPPORTED,
           "The image size is not supported."),
    STATUS(HSA_EXT_STATUS_ERROR_IMAGE_PITCH_UNSUPPORTED,
           "The image pitch is not supported."),
    STATUS(HSA_EXT_STATUS_ERROR_SAMPLER_DESCRIPTOR_UNSUPPORTED,
           "The sampler descriptor is not supported."),
};

extern "C" hsa_status_t hsa_status_string(hsa_status_t status,
                                          const char **text) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!text)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (const auto &entry : kStatusStrings)
    if (entry.status == int(status))
      return give(text, entry.text);
  *text = nullptr;
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}
