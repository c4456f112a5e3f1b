//===- Executables.h - Code objects, executables and their symbols -*- C++
//-*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_EXECUTABLES_H
#define GFX803_EMULATOR_HSA_EXECUTABLES_H

#include "tools/gfx803-emulator/loader/CodeObject.h"

#include "hsa/hsa.h"
#include "hsa/hsa_ven_amd_loader.h"

#include <map>
#include <mutex>

namespace gfx803::hsa {

/// The bytes of a code object, copied: what the program does with its own
/// afterwards does not matter.
struct Reader {
  std::vector<std::byte> bytes;
  hsa_ven_amd_loader_code_object_storage_type_t storage =
      HSA_VEN_AMD_LOADER_CODE_OBJECT_STORAGE_TYPE_MEMORY;
  const void *memory = nullptr; ///< where the program had them
  int file = -1;
  uint64_t fileOffset = 0;
};

struct LoadedObject {
  uint64_t handle = 0, executable = 0;
  std::shared_ptr<const Reader> reader;
  std::shared_ptr<LoadedCode> code;
};

struct Symbol {
  uint64_t handle = 0;
  std::shared_ptr<LoadedCode> code;
  const KernelInfo *kernel = nullptr; ///< or
  const VariableInfo *variable = nullptr;

  const std::string &name() const {
    return kernel ? kernel->symbol : variable->name;
  }
  uint64_t address() const {
    return code->at(kernel ? kernel->descriptor : variable->address);
  }
};

struct Executable {
  uint64_t handle = 0;
  hsa_profile_t profile = HSA_PROFILE_BASE;
  hsa_default_float_rounding_mode_t rounding =
      HSA_DEFAULT_FLOAT_ROUNDING_MODE_DEFAULT;
  bool frozen = false;
  std::vector<LoadedObject> objects;
  std::vector<Symbol> symbols;
};

/// All of the process. A handle is never given twice, so a stale one is found
/// to be so.
class Executables {
public:
  explicit Executables(Machine &machine) : machine(machine) {}

  uint64_t addReader(Reader reader);
  bool removeReader(uint64_t handle);

  uint64_t create(hsa_profile_t profile,
                  hsa_default_float_rounding_mode_t rounding);
  hsa_status_t destroy(uint64_t handle);
  hsa_status_t load(uint64_t executable, uint64_t reader, uint64_t &loaded);
  hsa_status_t freeze(uint64_t handle);

  /// Copies, so that nobody holds the lock while the program is called back.
  bool find(uint64_t handle, Executable &found);
  bool findSymbol(uint64_t handle, Symbol &found);
  bool findLoaded(uint64_t handle, LoadedObject &found);
  std::vector<Executable> all();

  struct Kernel {
    std::shared_ptr<LoadedCode> code;
    const KernelInfo *info = nullptr; ///< null: no such kernel
  };
  /// By the address of its descriptor, in a frozen executable.
  Kernel kernel(uint64_t object);

private:
  Machine &machine;
  std::mutex mutex;
  std::map<uint64_t, std::shared_ptr<const Reader>> readers;
  std::map<uint64_t, Executable> executables;
  std::map<uint64_t, uint64_t> symbolOwners; ///< symbol to executable
  std::map<uint64_t, uint64_t> kernelOwners; ///< descriptor to executable
  uint64_t nextReader = 0x8031'0000'0001, nextExecutable = 0x8032'0000'0001,
           nextLoaded = 0x8033'0000'0001, nextSymbol = 0x8034'0000'0001;
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_EXECUTABLES_H
