//===- DeviceEntries.cpp - Entries that drive a device --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Memrefs of an entry stand for device memory from here on. All of known size
// share one allocation; the inputs are copied in at the start, the results out
// at the end, and the kernels between name the last copy in.

#include "lowering/Passes.h"
#include "lowering/common/Cursor.h"
#include "lowering/common/DeviceCalls.h"
#include "lowering/common/DevicePlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

namespace sparsec {
#define GEN_PASS_DEF_DEVICEENTRIES
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

static constexpr StringLiteral kTooLarge =
    "an operation has more elements than a device takes at a time: use a "
    "smaller batch";

namespace {

class EntryLowering {
public:
  EntryLowering(func::FuncOp func, ModuleOp module)
      : func(func), module(module), calls(module), b(func.getContext()),
        pointer(LLVM::LLVMPointerType::get(func.getContext())) {}

  LogicalResult run();

private:
  LogicalResult checkHostCode();
  void copyInputs();
  void placeBuffers();
  LogicalResult placeConstants();
  LogicalResult lowerLaunch(gpu::LaunchFuncOp launch);
  void emitLaunch(gpu::LaunchFuncOp launch, uint32_t index);
  void copyResults(func::ReturnOp op);

  Value allocate(Location loc, MemRefType type, ValueRange sizes);
  /// Room on the host's stack for as long as the entry runs.
  Value createSlot(Location loc, Type type);

  func::FuncOp func;
  ModuleOp module;
  DeviceCalls calls;
  OpBuilder b;
  Type pointer;
  Value lastTicket; ///< a slot: that of the last launch, or of the copies in
  Value copied;     ///< the ticket of the last copy in
};

} // namespace

Value EntryLowering::createSlot(Location loc, Type type) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&func.getBody().front());
  Value one = createI64(b, loc, 1);
  return LLVM::AllocaOp::create(b, loc, pointer, type, one);
}

LogicalResult EntryLowering::checkHostCode() {
  if (!func.getBody().hasOneBlock())
    return func.emitError() << "branches have no code here; write loops and "
                               "conditions with scf";
  WalkResult result = func.walk([&](Operation *op) -> WalkResult {
    if (auto call = dyn_cast<func::CallOp>(op);
        call && !call.getCallee().starts_with("sparsec_rt_"))
      return op->emitError() << "a call that is not inlined has no code on a "
                                "device";
    if (isa<memref::LoadOp, memref::StoreOp>(op))
      return op->emitError() << "single elements of a tensor are on the device "
                                "and cannot be used outside kernels";
    if (isa<scf::ParallelOp, scf::ForallOp>(op))
      return op->emitError() << "parallel loops have no code on a device; "
                                "write linalg";
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

Value EntryLowering::allocate(Location loc, MemRefType type, ValueRange sizes) {
  Value bytes = computeBytes(b, loc, type, sizes);
  Value least = createI64(b, loc, 1); // nothing still has an address
  bytes = b.createOrFold<arith::MaxUIOp>(loc, bytes, least);
  return makeMemref(b, loc, calls.allocate(b, loc, bytes), type, sizes);
}

static SmallVector<Value> dynamicSizes(OpBuilder &b, Location loc,
                                       Value memref) {
  SmallVector<Value> sizes;
  auto type = cast<MemRefType>(memref.getType());
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (type.isDynamicDim(d))
      sizes.push_back(memref::DimOp::create(b, loc, memref, d));
  return sizes;
}

/// Each argument is replaced by a buffer that it is copied to.
void EntryLowering::copyInputs() {
  Location loc = func.getLoc();
  b.setInsertionPointToStart(&func.getBody().front());
  copied = createI64(b, loc, 0);
  for (Value argument : func.getArguments()) {
    auto type = cast<MemRefType>(argument.getType());
    if (argument.use_empty())
      continue;
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : argument.getUses())
      uses.push_back(&use);
    SmallVector<Value> sizes = dynamicSizes(b, loc, argument);
    Value buffer = memref::AllocOp::create(b, loc, type, sizes);
    Value bytes = computeBytes(b, loc, type, sizes);
    copied = calls.copyIn(b, loc, getAddress(b, loc, buffer),
                          getAddress(b, loc, argument), bytes, copied);
    // The sizes of an argument are known to the host.
    for (OpOperand *use : uses)
      if (!isa<memref::DimOp>(use->getOwner()))
        use->set(buffer);
  }
  lastTicket = createSlot(loc, b.getI64Type());
  LLVM::StoreOp::create(b, loc, copied, lastTicket);
}

void EntryLowering::placeBuffers() {
  SmallVector<memref::AllocOp> all, planned;
  func.walk([&](memref::AllocOp op) { all.push_back(op); });
  Block *entry = &func.getBody().front();
  for (memref::AllocOp op : all)
    if (op->getBlock() == entry && op.getType().hasStaticShape())
      planned.push_back(op);
  SmallVector<memref::DeallocOp> frees; // memory belongs to the run
  func.walk([&](memref::DeallocOp op) { frees.push_back(op); });
  for (memref::DeallocOp op : frees)
    op.erase();

  DevicePlan plan = planBuffers(planned);
  Value base;
  if (!planned.empty()) {
    b.setInsertionPointToStart(entry);
    base = calls.allocate(b, func.getLoc(),
                          createI64(b, func.getLoc(), plan.bytes));
  }
  for (auto [op, offset] : llvm::zip_equal(planned, plan.offsets)) {
    b.setInsertionPoint(op);
    Location loc = op.getLoc();
    Value address =
        arith::AddIOp::create(b, loc, base, createI64(b, loc, offset));
    op.replaceAllUsesWith(makeMemref(b, loc, address, op.getType(), {}));
    op.erase();
  }
  for (memref::AllocOp op : all) {
    if (llvm::is_contained(planned, op))
      continue;
    b.setInsertionPoint(op);
    op.replaceAllUsesWith(
        allocate(op.getLoc(), op.getType(), op.getDynamicSizes()));
    op.erase();
  }
}

/// A constant is as far from the start of the weights there as it is here.
LogicalResult EntryLowering::placeConstants() {
  SmallVector<memref::GetGlobalOp> constants;
  func.walk([&](memref::GetGlobalOp op) { constants.push_back(op); });
  for (memref::GetGlobalOp op : constants)
    if (op.getType().getElementType().isInteger(1))
      return op.emitError() << "a constant of i1 has no code on a device: make "
                               "it i8 and compare";
  if (constants.empty())
    return success();
  Location loc = func.getLoc();
  b.setInsertionPointToStart(&func.getBody().front());
  if (!module.lookupSymbol(kWeightsSymbol)) {
    auto atStart = OpBuilder::atBlockBegin(module.getBody());
    LLVM::GlobalOp::create(atStart, module.getLoc(), b.getI8Type(),
                           /*isConstant=*/true, LLVM::Linkage::External,
                           kWeightsSymbol, Attribute());
  }
  Value here = LLVM::PtrToIntOp::create(
      b, loc, b.getI64Type(),
      LLVM::AddressOfOp::create(b, loc, pointer, kWeightsSymbol));
  Value there = calls.weights(b, loc);
  Value distance = arith::SubIOp::create(b, loc, there, here);
  for (memref::GetGlobalOp op : constants) {
    b.setInsertionPointAfter(op);
    Value address = arith::AddIOp::create(
        b, op.getLoc(), getAddress(b, op.getLoc(), op), distance);
    Value memref = makeMemref(b, op.getLoc(), address, op.getType(), {});
    op.getResult().replaceUsesWithIf(memref, [](OpOperand &use) {
      return !isa<memref::ExtractAlignedPointerAsIndexOp>(use.getOwner());
    });
  }
  return success();
}

LogicalResult EntryLowering::lowerLaunch(gpu::LaunchFuncOp launch) {
  uint32_t index = 0;
  auto kernels =
      module.lookupSymbol<gpu::GPUModuleOp>(launch.getKernelModuleName());
  for (auto kernel : kernels.getOps<gpu::GPUFuncOp>()) {
    if (kernel.getNameAttr() == launch.getKernelName())
      break;
    ++index;
  }
  Location loc = launch.getLoc();
  b.setInsertionPoint(launch);
  Value wrong, any;
  auto combine = [&](Value &all, Value one, bool either) {
    if (!all)
      all = one;
    else if (either)
      all = arith::OrIOp::create(b, loc, all, one);
    else
      all = arith::AndIOp::create(b, loc, all, one);
  };
  for (auto [groups, items] :
       {std::pair(launch.getGridSizeX(), launch.getBlockSizeX()),
        std::pair(launch.getGridSizeY(), launch.getBlockSizeY())}) {
    APInt known, size;
    (void)matchPattern(items, m_ConstantInt(&size));
    int64_t most = UINT32_MAX / size.getSExtValue();
    if (matchPattern(groups, m_ConstantInt(&known))) {
      if (known.getSExtValue() > most)
        return launch.emitError() << kTooLarge;
      if (known.isZero()) {
        launch.erase();
        return success();
      }
      continue;
    }
    combine(wrong,
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt, groups,
                                  createIndex(b, loc, most)),
            /*either=*/true);
    combine(any,
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, groups,
                                  createIndex(b, loc, 0)),
            /*either=*/false);
  }
  if (wrong) {
    scf::IfOp::create(b, loc, wrong, [&](OpBuilder &b, Location loc) {
      calls.fail(b, loc, "sparsec_too_large", kTooLarge);
      scf::YieldOp::create(b, loc);
    });
    auto branch = scf::IfOp::create(b, loc, any, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
  }
  emitLaunch(launch, index);
  launch.erase();
  return success();
}

void EntryLowering::emitLaunch(gpu::LaunchFuncOp launch, uint32_t index) {
  Location loc = launch.getLoc();
  Type i32 = b.getI32Type();
  auto sizes = LLVM::LLVMArrayType::get(i32, 3);
  auto store = [&](ValueRange values) {
    Value array = LLVM::UndefOp::create(b, loc, sizes);
    for (auto [d, value] : llvm::enumerate(values))
      array = LLVM::InsertValueOp::create(
          b, loc, array, arith::IndexCastUIOp::create(b, loc, i32, value),
          int64_t(d));
    Value slot = createSlot(loc, sizes);
    LLVM::StoreOp::create(b, loc, array, slot);
    return slot;
  };
  gpu::KernelDim3 count = launch.getGridSizeOperandValues();
  gpu::KernelDim3 size = launch.getBlockSizeOperandValues();
  auto items = [&](Value count, Value size) -> Value {
    return arith::MulIOp::create(b, loc, count, size);
  };
  Value grid = store(
      {items(count.x, size.x), items(count.y, size.y), items(count.z, size.z)});
  Value group = store({size.x, size.y, size.z});

  SmallVector<Value> arguments;
  SmallVector<Type> types;
  for (Value operand : launch.getKernelOperands()) {
    arguments.push_back(toArgument(b, loc, operand));
    types.push_back(arguments.back().getType());
  }
  auto structType = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  Value packed = LLVM::UndefOp::create(b, loc, structType);
  for (auto [i, argument] : llvm::enumerate(arguments))
    packed = LLVM::InsertValueOp::create(b, loc, packed, argument, int64_t(i));
  Value slot = createSlot(loc, structType);
  LLVM::StoreOp::create(b, loc, packed, slot);
  // The size of the struct as the address of what follows it.
  Value null = LLVM::ZeroOp::create(b, loc, pointer);
  Value end = LLVM::GEPOp::create(b, loc, pointer, structType, null,
                                  ArrayRef<LLVM::GEPArg>{1});
  Value bytes = LLVM::PtrToIntOp::create(b, loc, i32, end);
  Value ticket = calls.launch(b, loc, index, grid, group, slot, bytes, copied);
  LLVM::StoreOp::create(b, loc, ticket, lastTicket);
}

void EntryLowering::copyResults(func::ReturnOp op) {
  Location loc = op.getLoc();
  b.setInsertionPoint(op);
  Value after = LLVM::LoadOp::create(b, loc, b.getI64Type(), lastTicket);
  for (OpOperand &operand : op->getOpOperands()) {
    Value buffer = operand.get();
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<Value> sizes = dynamicSizes(b, loc, buffer);
    Value result =
        memref::AllocOp::create(b, loc, type, sizes, b.getI64IntegerAttr(64));
    calls.copyOut(b, loc, getAddress(b, loc, result),
                  getAddress(b, loc, buffer), computeBytes(b, loc, type, sizes),
                  after);
    operand.set(result);
  }
}

LogicalResult EntryLowering::run() {
  if (failed(checkHostCode()))
    return failure();
  SmallVector<gpu::LaunchFuncOp> launches;
  func.walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
  copyInputs();
  placeBuffers();
  if (failed(placeConstants()))
    return failure();
  for (gpu::LaunchFuncOp launch : launches)
    if (failed(lowerLaunch(launch)))
      return failure();
  copyResults(cast<func::ReturnOp>(func.getBody().front().getTerminator()));
  return success();
}

namespace {

struct DeviceEntriesPass : sparsec::impl::DeviceEntriesBase<DeviceEntriesPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (!func.isExternal() &&
          failed(EntryLowering(func, getOperation()).run()))
        return signalPassFailure();
  }
};

} // namespace
