//===- Unsupported.cpp - What the card or the emulator does not have ------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Images, finalization, code objects of HSA 1.0, sharing between processes and
// with graphics, and shared virtual memory. A program that links these
// functions loads, and is told when it calls one.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

using namespace gfx803;
using namespace gfx803::hsa;

static hsa_status_t refuse(int status) {
  return runtime() ? hsa_status_t(status) : HSA_STATUS_ERROR_NOT_INITIALIZED;
}

// No argument is looked at, so none is declared; that calls with arguments are
// fine is the platform's calling convention. The name is the linker's only:
// the headers declare these functions with their arguments.
#define UNSUPPORTED(name, status)                                              \
  extern "C" hsa_status_t unsupported_##name() __asm__(#name);                 \
  hsa_status_t unsupported_##name() { return refuse(status); }

#define NO_IMAGES(name)                                                        \
  UNSUPPORTED(name, HSA_EXT_STATUS_ERROR_IMAGE_FORMAT_UNSUPPORTED)
NO_IMAGES(hsa_amd_image_create)
NO_IMAGES(hsa_ext_image_clear)
NO_IMAGES(hsa_ext_image_copy)
NO_IMAGES(hsa_ext_image_create)
NO_IMAGES(hsa_ext_image_create_with_layout)
NO_IMAGES(hsa_ext_image_data_get_info)
NO_IMAGES(hsa_ext_image_data_get_info_with_layout)
NO_IMAGES(hsa_ext_image_destroy)
NO_IMAGES(hsa_ext_image_export)
NO_IMAGES(hsa_ext_image_get_capability)
NO_IMAGES(hsa_ext_image_get_capability_with_layout)
NO_IMAGES(hsa_ext_image_import)

#define NO_SAMPLERS(name)                                                      \
  UNSUPPORTED(name, HSA_EXT_STATUS_ERROR_SAMPLER_DESCRIPTOR_UNSUPPORTED)
NO_SAMPLERS(hsa_ext_sampler_create)
NO_SAMPLERS(hsa_ext_sampler_destroy)

#define NOT_HERE(name) UNSUPPORTED(name, HSA_STATUS_ERROR)
NOT_HERE(hsa_ext_program_add_module)
NOT_HERE(hsa_ext_program_create)
NOT_HERE(hsa_ext_program_destroy)
NOT_HERE(hsa_ext_program_finalize)
NOT_HERE(hsa_ext_program_get_info)
NOT_HERE(hsa_ext_program_iterate_modules)

NOT_HERE(hsa_code_object_deserialize)
NOT_HERE(hsa_code_object_destroy)
NOT_HERE(hsa_code_object_get_info)
NOT_HERE(hsa_code_object_get_symbol)
NOT_HERE(hsa_code_object_get_symbol_from_name)
NOT_HERE(hsa_code_object_iterate_symbols)
NOT_HERE(hsa_code_object_serialize)
NOT_HERE(hsa_code_symbol_get_info)
NOT_HERE(hsa_executable_load_code_object)

NOT_HERE(hsa_amd_interop_map_buffer)
NOT_HERE(hsa_amd_interop_unmap_buffer)
NOT_HERE(hsa_amd_ipc_memory_attach)
NOT_HERE(hsa_amd_ipc_memory_create)
NOT_HERE(hsa_amd_ipc_memory_detach)
NOT_HERE(hsa_amd_ipc_signal_attach)
NOT_HERE(hsa_amd_ipc_signal_create)
NOT_HERE(hsa_amd_memory_migrate)
NOT_HERE(hsa_amd_svm_attributes_get)
NOT_HERE(hsa_amd_svm_attributes_set)
NOT_HERE(hsa_amd_svm_prefetch_async)
NOT_HERE(hsa_soft_queue_create)
