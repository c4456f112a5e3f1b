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
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
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
    weight.negativeZeros = number("negative_zeros");
    weight.removedRows = number("removed_rows");
    weight.removedCols = number("removed_cols");
    for (auto candidate :
         record.getAs<ArrayAttr>("candidates").getAsRange<DictionaryAttr>()) {
      CandidateInfo info;
      info.format = candidate.getAs<StringAttr>("format").getValue().str();
      info.bytes = candidate.getAs<IntegerAttr>("bytes").getInt();
      if (auto seconds = candidate.getAs<FloatAttr>("seconds"))
        info.seconds = seconds.getValueAsDouble();
      weight.candidates.push_back(std::move(info));
    }
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

/// Bytes of one kind: held now, and at most so far.
struct Held {
  int64_t live = 0, peak = 0;
  bool known = true;

  void add(int64_t bytes) {
    live += bytes;
    peak = std::max(peak, live);
  }
  int64_t bound() const { return known ? peak : kUnknown; }
};

struct Usage {
  Held working, expanded;
};
} // namespace

static int64_t allocatedBytes(MemRefType type) {
  Type element = type.getElementType();
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return llvm::alignTo(type.getNumElements() * llvm::divideCeil(bits, 8),
                       kAlignment);
}

static void addConstant(Held &held, Value bytes) {
  APInt known;
  if (matchPattern(bytes, m_ConstantInt(&known)))
    held.add(known.getSExtValue());
  else
    held.known = false;
}

/// Kernels do neither; another function that was not inlined might.
static bool mayHold(func::FuncOp func) {
  return func
      .walk([](Operation *op) {
        return isa<memref::AllocOp, func::CallOp>(op) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
      })
      .wasInterrupted();
}

static void visit(Block &block, Usage &usage);

static void visit(Operation &op, Usage &usage) {
  if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
    if (alloc.getType().hasStaticShape())
      usage.working.add(allocatedBytes(alloc.getType()));
    else
      usage.working.known = false;
  } else if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
    // What is freed through another name, or on a condition, stays counted.
    auto from = dealloc.getMemref().getDefiningOp<memref::AllocOp>();
    if (from && from->getBlock() == op.getBlock() &&
        from.getType().hasStaticShape())
      usage.working.add(-allocatedBytes(from.getType()));
  } else if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        call, call.getCalleeAttr());
    if (call.getCallee() == "sparsec_rt_decompressed")
      addConstant(usage.expanded, call.getOperand(0));
    else if (mayHold(callee))
      usage.working.known = usage.expanded.known = false;
  } else if (auto call = dyn_cast<LLVM::CallOp>(op)) {
    if (call.getCallee() == "sparsec_rt_device_alloc")
      addConstant(usage.working, call.getOperand(0));
  }
  for (Region &region : op.getRegions())
    for (Block &nested : region) {
      Usage before = usage;
      visit(nested, usage);
      // A loop that takes more than it gives back has no bound here.
      if (!isa<LoopLikeOpInterface>(op))
        continue;
      usage.working.known &= usage.working.live <= before.working.live;
      usage.expanded.known &= usage.expanded.live <= before.expanded.live;
    }
}

static void visit(Block &block, Usage &usage) {
  for (Operation &op : block)
    visit(op, usage);
}

void sparsec::computeBounds(ModuleOp module, std::vector<EntryInfo> &entries) {
  for (EntryInfo &entry : entries) {
    auto func = module.lookupSymbol<func::FuncOp>(entry.name);
    Usage usage;
    for (Block &block : func.getBody())
      visit(block, usage);
    entry.boundWorking = usage.working.bound();
    entry.boundDecompressed = usage.expanded.bound();
  }
}
