//===- ModuleCheck.cpp - Is a model's description sound? ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/ModuleCheck.h"

#include "runtime/core/ElfCheck.h"
#include "runtime/core/Types.h"

using namespace sparsec;
using rt::Text;

/// More of anything than this is a damaged count. It also keeps the sums of
/// sizes in sparsec_run far from overflowing.
static constexpr uint32_t kMostOfAnything = 1u << 20;

namespace {
/// Walks the description; stops at the first thing that is wrong.
class Walk {
public:
  Walk(const char *path, Text &why) : path(path), why(why) {}

  bool module(const sparsec_module_desc &module);

private:
  bool entry(const sparsec_entry &entry);
  bool weight(const sparsec_weight &weight);
  bool types(const char *entry, const char *what, uint32_t count,
             const sparsec_tensor_type *types);
  template <typename T> static bool table(const T *data, uint32_t count) {
    return count <= kMostOfAnything && (count == 0 || data);
  }

  __attribute__((format(printf, 2, 3))) bool refuse(const char *format, ...) {
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    why.append("%s is damaged: %s", path, reason);
    return false;
  }

  const char *path;
  Text &why;
};
} // namespace

bool Walk::types(const char *entry, const char *what, uint32_t count,
                 const sparsec_tensor_type *types) {
  if (!table(types, count))
    return refuse("entry \"%s\" has no types for its %s", entry, what);
  for (uint32_t i = 0; i < count; ++i) {
    if (sparsec_dtype_bytes(types[i].dtype) == 0)
      return refuse("entry \"%s\" has the unknown element type %u in its %s",
                    entry, types[i].dtype, what);
    if (types[i].rank > SPARSEC_MAX_RANK)
      return refuse("entry \"%s\" has rank %u in its %s, at most %d", entry,
                    types[i].rank, what, SPARSEC_MAX_RANK);
    for (uint32_t d = 0; d < types[i].rank; ++d)
      if (types[i].shape[d] < -1)
        return refuse("entry \"%s\" has a negative dimension in its %s", entry,
                      what);
  }
  return true;
}

bool Walk::entry(const sparsec_entry &entry) {
  if (!entry.name || !*entry.name)
    return refuse("an entry has no name");
  if (!entry.run)
    return refuse("entry \"%s\" has no code", entry.name);
  if (entry.bound_decompressed_bytes < -1 || entry.bound_working_bytes < -1)
    return refuse("entry \"%s\" has a negative bound", entry.name);
  return types(entry.name, "inputs", entry.num_inputs, entry.inputs) &&
         types(entry.name, "results", entry.num_results, entry.results);
}

bool Walk::weight(const sparsec_weight &weight) {
  if (!weight.name || !weight.format || !weight.reason)
    return refuse("a weight has no name, format or reason");
  if (sparsec_dtype_bytes(weight.dtype) == 0 || weight.rank > SPARSEC_MAX_RANK)
    return refuse("weight \"%s\" has an unknown element type or a rank beyond "
                  "%d",
                  weight.name, SPARSEC_MAX_RANK);
  for (uint32_t d = 0; d < weight.rank; ++d)
    if (weight.shape[d] < 0)
      return refuse("weight \"%s\" has a negative dimension", weight.name);
  if (weight.nnz < 0 || weight.dense_bytes < 0 || weight.compressed_bytes < 0 ||
      weight.negative_zeros < 0 || weight.removed_rows < 0 ||
      weight.removed_cols < 0)
    return refuse("weight \"%s\" has a negative size", weight.name);
  if (!table(weight.candidates, weight.num_candidates))
    return refuse("weight \"%s\" has no table of candidates", weight.name);
  for (uint32_t i = 0; i < weight.num_candidates; ++i)
    if (!weight.candidates[i].format)
      return refuse("weight \"%s\" has a candidate without format",
                    weight.name);
  return true;
}

bool Walk::module(const sparsec_module_desc &module) {
  if (module.struct_bytes != sizeof(module))
    return refuse("its description has %u bytes, ABI %u has %zu",
                  module.struct_bytes, SPARSEC_ABI_VERSION, sizeof(module));
  if (!module.target || !module.cpu || !module.features)
    return refuse("it does not say what it was compiled for");
  if (module.num_entries == 0)
    return refuse("it has no entries");
  if (!table(module.entries, module.num_entries))
    return refuse("it has no table of entries");
  if (!table(module.weights, module.num_weights))
    return refuse("it has no table of weights");
  for (uint32_t i = 0; i < module.num_entries; ++i)
    if (!entry(module.entries[i]))
      return false;
  for (uint32_t i = 0; i < module.num_weights; ++i)
    if (!weight(module.weights[i]))
      return false;
  return true;
}

sparsec_status rt::checkModule(const char *path,
                               const sparsec_module_desc &module, Text &why) {
  // The file was checked before it was loaded; it may have changed since.
  if (sparsec_status status =
          checkAbi(path, module.magic, module.abi_version, why))
    return status;
  return Walk(path, why).module(module) ? SPARSEC_OK : SPARSEC_INVALID_ARTEFACT;
}
