//===- ModelInfo.cpp - What an artefact says of itself --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/ModelInfo.h"

#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace sparsec;

double WeightInfo::sparsity() const {
  int64_t elements = 1;
  for (uint32_t d = 0; d < type.rank; ++d)
    elements *= type.shape[d];
  return elements ? 1.0 - double(nnz) / double(elements) : 0.0;
}

double WeightInfo::ratio() const {
  return compressedBytes ? double(denseBytes) / double(compressedBytes) : 1.0;
}

uint32_t sparsec::getDtype(Type type) {
  if (type.isF32())
    return SPARSEC_F32;
  if (type.isF16())
    return SPARSEC_F16;
  if (type.isBF16())
    return SPARSEC_BF16;
  if (type.isF64())
    return SPARSEC_F64;
  if (type.isSignlessInteger(8))
    return SPARSEC_I8;
  if (type.isSignlessInteger(32))
    return SPARSEC_I32;
  if (type.isSignlessInteger(64))
    return SPARSEC_I64;
  if (type.isSignlessInteger(1))
    return SPARSEC_I1;
  return 0;
}

static sparsec_tensor_type makeType(Type elementType, ArrayRef<int64_t> shape) {
  sparsec_tensor_type type = {};
  type.dtype = getDtype(elementType);
  type.rank = shape.size();
  for (auto [d, size] : llvm::enumerate(shape))
    type.shape[d] = ShapedType::isDynamic(size) ? -1 : size;
  return type;
}

FailureOr<std::vector<EntryInfo>> sparsec::describeEntries(ModuleOp module) {
  std::vector<EntryInfo> entries;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isExternal())
      return func.emitError() << "function '" << func.getName()
                              << "' has no body: a model cannot call out; give "
                                 "it a body or remove it";
    if (!func.isPublic())
      continue;
    EntryInfo entry;
    entry.name = func.getName().str();
    auto describe = [&](TypeRange types, StringRef what,
                        std::vector<sparsec_tensor_type> &out) {
      for (auto [index, type] : llvm::enumerate(types)) {
        auto tensor = dyn_cast<RankedTensorType>(type);
        if (!tensor || tensor.getEncoding() ||
            tensor.getRank() > SPARSEC_MAX_RANK ||
            getDtype(tensor.getElementType()) == 0)
          return func.emitError() << what << " #" << index << " of function '"
                                  << func.getName() << "' has type " << type
                                  << ": an entry takes and gives dense tensors "
                                     "of f32, f16, bf16, "
                                     "f64, i1, i8, i32 or i64 with at most "
                                  << SPARSEC_MAX_RANK << " dimensions";
        out.push_back(makeType(tensor.getElementType(), tensor.getShape()));
      }
      return InFlightDiagnostic();
    };
    FunctionType type = func.getFunctionType();
    if (failed(LogicalResult(
            describe(type.getInputs(), "argument", entry.inputs))) ||
        failed(LogicalResult(
            describe(type.getResults(), "result", entry.results))))
      return failure();
    if (entry.results.empty())
      return func.emitError() << "function '" << func.getName()
                              << "' has no result: there is nothing to compute";
    entries.push_back(std::move(entry));
  }
  if (entries.empty())
    return module.emitError() << "the model has no public function to compile";
  return entries;
}

std::vector<WeightInfo> sparsec::describeWeights(ModuleOp module) {
  std::vector<WeightInfo> weights;
  auto records = module->getAttrOfType<ArrayAttr>(kWeightsAttrName);
  if (!records)
    return weights;
  for (auto record : records.getAsRange<DictionaryAttr>()) {
    auto text = [&](StringRef key) {
      return record.getAs<StringAttr>(key).getValue().str();
    };
    auto number = [&](StringRef key) {
      return record.getAs<IntegerAttr>(key).getInt();
    };
    WeightInfo weight;
    weight.name = text("name");
    weight.type =
        makeType(record.getAs<TypeAttr>("dtype").getValue(),
                 record.getAs<DenseI64ArrayAttr>("shape").asArrayRef());
    weight.format = text("format");
    weight.reason = text("reason");
    weight.nnz = number("nnz");
    weight.denseBytes = number("dense_bytes");
    weight.compressedBytes = number("compressed_bytes");
    for (auto candidate :
         record.getAs<ArrayAttr>("candidates").getAsRange<DictionaryAttr>())
      weight.candidates.emplace_back(
          candidate.getAs<StringAttr>("format").getValue().str(),
          candidate.getAs<IntegerAttr>("bytes").getInt());
    weights.push_back(std::move(weight));
  }
  return weights;
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

namespace {
constexpr int64_t kUnknown = -1;
/// Allocations are rounded up to their alignment.
constexpr int64_t kAlignment = 64;

/// Bytes that are live on entry to an operation, at most inside, and after it.
struct Usage {
  int64_t live = 0, peak = 0, expanded = 0;
  bool known = true;
};
} // namespace

static int64_t allocatedBytes(MemRefType type) {
  Type element = type.getElementType();
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return llvm::alignTo(type.getNumElements() * llvm::divideCeil(bits, 8),
                       kAlignment);
}

static void visit(Block &block, Usage &usage, bool repeated) {
  for (Operation &op : block) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      MemRefType type = alloc.getType();
      if (!type.hasStaticShape()) {
        usage.known = false;
        continue;
      }
      usage.live += allocatedBytes(type);
      usage.peak = std::max(usage.peak, usage.live);
    } else if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
      auto type = cast<MemRefType>(dealloc.getMemref().getType());
      // What is freed through another name stays counted.
      auto from = dealloc.getMemref().getDefiningOp<memref::AllocOp>();
      if (from && type.hasStaticShape())
        usage.live -= allocatedBytes(type);
    } else if (auto call = dyn_cast<func::CallOp>(op);
               call && call.getCallee() == "sparsec_rt_decompressed") {
      APInt bytes;
      if (!repeated && matchPattern(call.getOperand(0), m_ConstantInt(&bytes)))
        usage.expanded += bytes.getSExtValue();
      else
        usage.expanded = kUnknown;
    }
    for (Region &region : op.getRegions())
      for (Block &nested : region) {
        int64_t before = usage.live;
        visit(nested, usage, repeated || isa<LoopLikeOpInterface>(op));
        // A loop that allocates more than it frees has no bound here.
        if (isa<LoopLikeOpInterface>(op) && usage.live > before)
          usage.known = false;
      }
  }
}

void sparsec::computeBounds(ModuleOp module, std::vector<EntryInfo> &entries) {
  for (EntryInfo &entry : entries) {
    auto func = module.lookupSymbol<func::FuncOp>(entry.name);
    Usage usage;
    for (Block &block : func.getBody())
      visit(block, usage, /*repeated=*/false);
    entry.boundWorking = usage.known ? usage.peak : kUnknown;
    entry.boundDecompressed = usage.expanded;
  }
}
