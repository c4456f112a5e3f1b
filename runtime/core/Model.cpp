//===- Model.cpp - Load models and look into them -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Model.h"

#include "runtime/core/ElfCheck.h"
#include "runtime/core/ModuleCheck.h"
#include "runtime/core/Status.h"
#include "runtime/core/Visibility.h"

#include <cstring>
#include <memory>
#include <new>

using namespace sparsec;
using rt::fail;

/// The library and its checked description.
static sparsec_status open(const char *path,
                           std::unique_ptr<sparsec_model> &model) {
  rt::Text why;
  if (sparsec_status status = rt::checkModelFile(path, why))
    return fail(status, why);
  model.reset(new (std::nothrow) sparsec_model);
  if (!model)
    return fail(SPARSEC_OUT_OF_MEMORY, "not enough memory to load %s", path);
  if (sparsec_status status = model->library.open(path, why))
    return fail(status, why);
  model->module = static_cast<const sparsec_module_desc *>(
      model->library.symbol(SPARSEC_MODULE_SYMBOL));
  if (!model->module)
    return fail(SPARSEC_INVALID_ARTEFACT,
                "%s is not a compiled model: it does not export %s", path,
                SPARSEC_MODULE_SYMBOL);
  if (sparsec_status status = rt::checkModule(path, *model->module, why))
    return fail(status, why);
  return SPARSEC_OK;
}

SPARSEC_API sparsec_status sparsec_open(const char *path,
                                        sparsec_model **result) {
  if (!result)
    return fail(SPARSEC_INVALID_ARGUMENT, "no room for the loaded model");
  *result = nullptr;
  if (!path || !*path)
    return fail(SPARSEC_INVALID_ARGUMENT, "no path of a model");
  std::unique_ptr<sparsec_model> model;
  if (sparsec_status status = open(path, model))
    return status;
  *result = model.release();
  return SPARSEC_OK;
}

SPARSEC_API sparsec_status sparsec_load(const char *path,
                                        const char *deviceName,
                                        sparsec_model **result) {
  if (!result)
    return fail(SPARSEC_INVALID_ARGUMENT, "no room for the loaded model");
  *result = nullptr;
  if (!path || !*path)
    return fail(SPARSEC_INVALID_ARGUMENT, "no path of a model");
  if (!deviceName)
    return fail(SPARSEC_INVALID_ARGUMENT, "no device to load %s for", path);

  rt::Device *device = rt::findDevice(deviceName);
  if (!device) {
    rt::Text why;
    why.append("unknown device \"%s\"; this build has: ", deviceName);
    rt::appendDeviceNames(why);
    return fail(SPARSEC_NOT_FOUND, why);
  }
  std::unique_ptr<sparsec_model> model;
  if (sparsec_status status = open(path, model))
    return status;
  if (sparsec_status status = device->accepts(path, *model->module))
    return status;
  if (const void *image = model->library.symbol(SPARSEC_DEVICE_IMAGE_SYMBOL)) {
    if (sparsec_status status = rt::DeviceModel::load(
            path, *device, *model->module,
            *static_cast<const sparsec_device_image_desc *>(image),
            model->onDevice))
      return status;
  }
  model->runnable = true;
  *result = model.release();
  return SPARSEC_OK;
}

SPARSEC_API void sparsec_unload(sparsec_model *model) { delete model; }

SPARSEC_API const sparsec_module_desc *
sparsec_describe(const sparsec_model *model) {
  return model->module;
}

SPARSEC_API size_t sparsec_kernels(const sparsec_model *model,
                                   sparsec_kernel_stats *kernels, size_t room) {
  return model && model->onDevice ? model->onDevice->stats(kernels, room) : 0;
}

static const sparsec_entry *lookUp(const sparsec_module_desc &module,
                                   const char *name) {
  for (uint32_t i = 0; i < module.num_entries; ++i)
    if (std::strcmp(module.entries[i].name, name) == 0)
      return &module.entries[i];
  return nullptr;
}

SPARSEC_API sparsec_status sparsec_find_entry(const sparsec_model *model,
                                              const char *name,
                                              const sparsec_entry **entry) {
  if (!model || !entry)
    return fail(SPARSEC_INVALID_ARGUMENT, model ? "no room for the entry"
                                                : "no model to find an "
                                                  "entry in");
  const sparsec_module_desc &module = *model->module;
  if (!name && module.num_entries == 1) {
    *entry = &module.entries[0];
    return SPARSEC_OK;
  }
  *entry = lookUp(module, name ? name : "main");
  if (*entry)
    return SPARSEC_OK;

  rt::Text why;
  if (name)
    why.append("the model has no entry \"%s\"; it has: ", name);
  else
    why.append("the model has several entries and none is \"main\": name one "
               "of ");
  for (uint32_t i = 0; i < module.num_entries; ++i)
    why.append("%s%s", i == 0 ? "" : ", ", module.entries[i].name);
  return fail(SPARSEC_NOT_FOUND, why);
}
