//===- HostKernels.cpp - Each product into kernels and calls --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Brings the operands of a product into the layout that its kernel wants,
// outlines the kernel, and calls it for ranges of equal work.

#include "lowering/Passes.h"
#include "lowering/host/Emit.h"

#include "dialect/Ops.h"
#include "runtime/formats/Format.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

//===----------------------------------------------------------------------===//
// Outlined kernels
//===----------------------------------------------------------------------===//

namespace {

/// The private functions of a module that hold kernels; equal ones are shared.
class KernelTable {
public:
  explicit KernelTable(ModuleOp module) : module(module), symbols(module) {}

  using Emit = function_ref<void(OpBuilder &, Location, ValueRange args,
                                 Value begin, Value end)>;

  /// A function (begin, end, captures...) whose body `emit` writes.
  func::FuncOp create(Location loc, ValueRange captures, Emit emit) {
    OpBuilder b(module.getContext());
    SmallVector<Type> types(2, b.getIndexType());
    llvm::append_range(types, captures.getTypes());
    auto func = func::FuncOp::create(loc, "sparsec_kernel",
                                     b.getFunctionType(types, {}));
    func.setPrivate();
    Block *body = func.addEntryBlock();
    b.setInsertionPointToEnd(body);
    auto args = body->getArguments();
    emit(b, loc, args.drop_front(2), args[0], args[1]);
    func::ReturnOp::create(b, loc);

    for (func::FuncOp known : kernels) {
      if (known.getFunctionType() == func.getFunctionType() &&
          OperationEquivalence::isRegionEquivalentTo(
              &known.getBody(), &func.getBody(),
              OperationEquivalence::IgnoreLocations)) {
        func.erase();
        return known;
      }
    }
    symbols.insert(func, module.getBody()->end());
    kernels.push_back(func);
    return func;
  }

  /// The runtime function of this name.
  func::FuncOp getRuntime(StringRef name, FunctionType type) {
    if (auto func = symbols.lookup<func::FuncOp>(name))
      return func;
    auto func = func::FuncOp::create(module.getLoc(), name, type);
    func.setPrivate();
    symbols.insert(func, module.getBody()->begin());
    return func;
  }

private:
  ModuleOp module;
  SymbolTable symbols;
  SmallVector<func::FuncOp> kernels;
};

//===----------------------------------------------------------------------===//
// One product
//===----------------------------------------------------------------------===//

/// The weight of a product: compressed, or a dense memref with its outer
/// dimension.
struct ProductWeight {
  std::optional<WeightStorage> storage;
  Value dense;
  unsigned outerDim = 0;
  int64_t outerSize = 0; // or kDynamic
  Value outerCount;      // of a compressed weight, as an index
  int64_t storedElements = 0;

  SmallVector<Value> values() const {
    if (!storage)
      return {dense};
    SmallVector<Value> all(storage->components);
    if (storage->first)
      all.push_back(storage->first);
    return all;
  }

  /// A cursor over the same weight, of which `inside` are the values.
  std::unique_ptr<Cursor> cursor(ValueRange inside, int64_t denseGroup,
                                 const VectorUnit &unit) const {
    if (!storage)
      return makeDenseCursor(inside[0], outerDim, denseGroup, unit);
    WeightStorage copy = *storage;
    size_t count = copy.components.size();
    copy.components.assign(inside.begin(), inside.begin() + count);
    copy.first = copy.first ? inside[count] : Value();
    return makeCursor(copy, unit);
  }
};

class ProductLowering {
public:
  ProductLowering(MatmulOp op, KernelTable &kernels, KernelOptions options)
      : op(op), loc(op.getLoc()), b(op), kernels(kernels), options(options) {}

  LogicalResult run();

private:
  LogicalResult findWeight();
  void findDenseRoles();
  void findCaptures();

  void lowerSum();
  void lowerUpdate();

  Value asVector(Value matrix);
  Value allocate(ArrayRef<OpFoldResult> sizes);
  Value makeOperand();
  bool isDirect(Value memref, bool needF32);
  Value dimOf(Value memref, int64_t dim) {
    return b.createOrFold<memref::DimOp>(loc, memref, dim);
  }

  /// Calls kernel(., ., captures) so that [begin, end) is covered, in parallel
  /// where `work` multiply-adds are worth it. `split(t, threads)`, if given, is
  /// where the range of thread t begins; otherwise ranges are equal.
  void dispatch(
      func::FuncOp kernel, ValueRange captures, Value begin, Value end,
      Value work,
      function_ref<Value(OpBuilder &, Value t, Value threads)> split = nullptr);
  /// Moves y to or from another layout.
  void move(Value source, Value target, bool transpose, bool finish);
  Epilogue makeEpilogue(ValueRange inside, ArrayRef<int> dims) const;
  SmallVector<int> resultDims(int64_t kernelRank);
  /// Whether the last group of a compressed weight may reach past its end.
  bool mayBePartial(int64_t group) const {
    return group > 1 && (ShapedType::isDynamic(weight.outerSize) ||
                         weight.outerSize % group != 0);
  }
  Value groupCount(int64_t group) {
    return b.createOrFold<arith::CeilDivUIOp>(loc, weight.outerCount,
                                              createIndex(b, loc, group));
  }
  Value balancedSplit(OpBuilder &b, const Cursor &cursor, Value groups, Value t,
                      Value threads);
  void sumOver(int64_t denseGroup, Value firstGroup, Value groups, Value x,
               Value y, bool readInit, bool finish);

  MatmulOp op;
  Location loc;
  OpBuilder b;
  KernelTable &kernels;
  KernelOptions options;

  ProductWeight weight;
  bool sums = true; // the weight's inner dimension is the reduction
  Value x, y;
  bool kFirst = true;  // x is [k, columns], not [columns, k]
  bool oFirst = true;  // y is [outputs, columns]
  bool vector = false; // one column
  /// What the epilogue needs inside a kernel: its operands, then captured
  /// values.
  SmallVector<Value> epilogueValues;
  SmallVector<Value> captured;
  SmallVector<Value> temporaries;
};

} // namespace

/// The memref behind a tensor that bufferization left to an op it does not
/// know.
static Value getBuffer(Value tensor) {
  if (auto toTensor = tensor.getDefiningOp<bufferization::ToTensorOp>())
    return toTensor.getBuffer();
  return {};
}

/// The memref with its leading dimension dynamic, so that kernels for weights
/// with different numbers of entries are equal.
static Value forgetCount(OpBuilder &b, Location loc, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = ShapedType::kDynamic;
  auto dynamic = MemRefType::get(shape, type.getElementType());
  if (dynamic == type)
    return memref;
  return memref::CastOp::create(b, loc, dynamic, memref);
}

LogicalResult ProductLowering::findWeight() {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side) {
    findDenseRoles();
    return success();
  }
  bool left = *side == 0;
  Value tensor = left ? op.getLhs() : op.getRhs();
  auto type = cast<RankedTensorType>(tensor.getType());
  FormatAttrInterface format = getFormat(type);
  weight.storage.emplace();
  weight.outerDim = format.getOuterDim();
  weight.outerSize = type.getDimSize(weight.outerDim);
  if (ShapedType::isDynamic(type.getDimSize(1 - weight.outerDim)))
    return op.emitError() << "cannot generate code for a weight of type "
                          << type << ": its inner dimension is dynamic";
  while (auto window = tensor.getDefiningOp<WindowOp>()) {
    if (!weight.outerCount)
      weight.outerCount = window.getSize();
    weight.storage->first =
        addIndex(b, loc, weight.storage->first, window.getOffset());
    tensor = window.getSource();
  }
  auto assemble = tensor.getDefiningOp<AssembleOp>();
  if (!assemble)
    return op.emitError() << "cannot generate code for a weight of type "
                          << type
                          << " that is not packed; run sparsec-pack-weights";
  weight.storage->type = type;
  for (Value component : assemble.getComponents()) {
    Value buffer = getBuffer(component);
    if (!buffer)
      return op.emitError() << "component arrays are not bufferized";
    weight.storage->components.push_back(forgetCount(b, loc, buffer));
  }
  auto whole = cast<RankedTensorType>(assemble.getCompressed().getType());
  auto values = cast<RankedTensorType>(assemble.getComponents()[0].getType());
  if (values.hasStaticShape() && whole.getNumElements() > 0)
    weight.storage->density =
        double(values.getNumElements()) / double(whole.getNumElements());
  // A window of unknown size counts as the whole.
  RankedTensorType counted = type.hasStaticShape() ? type : whole;
  weight.storedElements =
      int64_t(weight.storage->density * double(counted.getNumElements()));
  if (!weight.outerCount)
    weight.outerCount = createIndex(b, loc, weight.outerSize);

  bool transposed = left ? op.getTransposeLhs() : op.getTransposeRhs();
  // The dimension of the weight that is the reduction.
  unsigned kDim = left != transposed ? 1 : 0;
  sums = kDim != weight.outerDim;
  x = left ? op.getRhs() : op.getLhs();
  kFirst = left ? !op.getTransposeRhs() : op.getTransposeLhs();
  oFirst = left;
  y = op.getInit();
  return success();
}

/// Two dense operands: the one that is read row by row plays the weight.
void ProductLowering::findDenseRoles() {
  Value lhs = op.getLhs(), rhs = op.getRhs();
  y = op.getInit();
  auto expand = [&](Value vector) -> Value { // [k] as [1, k]
    auto type = cast<MemRefType>(vector.getType());
    SmallVector<ReassociationIndices> groups{{0, 1}};
    SmallVector<int64_t> shape{1, type.getDimSize(0)};
    return memref::ExpandShapeOp::create(b, loc, shape, vector, groups);
  };
  bool lhsVector = op.getLhs().getType().getRank() == 1;
  bool rhsVector = op.getRhs().getType().getRank() == 1;
  if (rhsVector && op.getTransposeLhs()) {
    // y[m] = sum over k of x[k] W[k, m]: the vector is a weight of one row.
    weight.dense = expand(rhs);
    x = lhs;
    y = expand(y);
  } else if (lhsVector && !op.getTransposeRhs()) {
    weight.dense = expand(lhs);
    x = rhs;
    y = expand(y);
  } else if (lhsVector || op.getTransposeRhs()) {
    // y[m, n] = sum over k of W[n, k] x[m, k]
    weight.dense = rhs;
    weight.outerDim = op.getTransposeRhs() ? 0 : 1;
    x = lhs;
    kFirst = op.getTransposeLhs();
    oFirst = false;
  } else {
    weight.dense = lhs;
    weight.outerDim = op.getTransposeLhs() ? 1 : 0;
    x = rhs;
  }
  auto type = cast<MemRefType>(weight.dense.getType());
  weight.outerSize = type.getDimSize(weight.outerDim);
  int64_t elements = 1;
  for (int64_t size : type.getShape())
    elements *= ShapedType::isDynamic(size) ? 16 : size;
  weight.storedElements = elements;
}

void ProductLowering::findCaptures() {
  if (!op.hasEpilogue())
    return;
  llvm::append_range(epilogueValues, op.getEpilogueOperands());
  llvm::SetVector<Value> above;
  getUsedValuesDefinedAbove(op.getEpilogue(), above);
  // Constants go into the kernel, so that they stay constants.
  OpBuilder inside = OpBuilder::atBlockBegin(&op.getEpilogue().front());
  for (Value value : above) {
    Operation *producer = value.getDefiningOp();
    if (producer && producer->hasTrait<OpTrait::ConstantLike>()) {
      Operation *copy = inside.clone(*producer);
      replaceAllUsesInRegionWith(value, copy->getResult(0), op.getEpilogue());
    } else {
      captured.push_back(value);
    }
  }
  llvm::append_range(epilogueValues, captured);
}

Epilogue ProductLowering::makeEpilogue(ValueRange inside,
                                       ArrayRef<int> dims) const {
  size_t operands = epilogueValues.size() - captured.size();
  SmallVector<std::pair<Value, Value>> pairs;
  for (auto [outer, inner] :
       llvm::zip_equal(captured, inside.drop_front(operands)))
    pairs.emplace_back(outer, inner);
  return Epilogue(op, inside.take_front(operands), pairs, dims);
}

/// For each dimension of the product's result, which one it is of a kernel's
/// result of rank `kernelRank`.
SmallVector<int> ProductLowering::resultDims(int64_t kernelRank) {
  int64_t rank = op.getInit().getType().getRank();
  if (rank == kernelRank)
    return rank == 1 ? SmallVector<int>{0} : SmallVector<int>{0, 1};
  if (rank == 1) // a vector as the weight has a result of one row
    return {1};
  if (oFirst)
    return {0, Epilogue::kUnitDim};
  return {Epilogue::kUnitDim, 0};
}

/// A matrix with one row or one column, as a vector.
Value ProductLowering::asVector(Value matrix) {
  auto type = cast<MemRefType>(matrix.getType());
  if (type.getRank() == 1)
    return matrix;
  unsigned kept = type.getDimSize(0) == 1 ? 1 : 0;
  SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, matrix);
  MemRefType reduced = memref::SubViewOp::inferRankReducedResultType(
      {type.getDimSize(kept)}, type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, loc, reduced, matrix, offsets, sizes,
                                   strides);
}

Value ProductLowering::allocate(ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  Value memref =
      memref::AllocOp::create(b, loc, MemRefType::get(shape, b.getF32Type()),
                              dynamic, b.getI64IntegerAttr(64));
  temporaries.push_back(memref);
  return memref;
}

bool ProductLowering::isDirect(Value memref, bool needF32) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t offset;
  SmallVector<int64_t> strides;
  return (!needF32 || type.getElementType().isF32()) &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

void ProductLowering::dispatch(
    func::FuncOp kernel, ValueRange captures, Value begin, Value end,
    Value work, function_ref<Value(OpBuilder &, Value, Value)> split) {
  auto call = [&](OpBuilder &b, Value begin, Value end) {
    SmallVector<Value> args{begin, end};
    llvm::append_range(args, captures);
    func::CallOp::create(b, loc, kernel, args);
  };
  Type i64 = b.getI64Type();
  func::FuncOp threadsOf =
      kernels.getRuntime("sparsec_rt_threads", b.getFunctionType({i64}, {i64}));
  Value work64 = arith::IndexCastOp::create(b, loc, i64, work);
  Value threads = arith::IndexCastOp::create(
      b, loc, b.getIndexType(),
      func::CallOp::create(b, loc, threadsOf, work64).getResult(0));
  Value zero = createIndex(b, loc, 0), one = createIndex(b, loc, 1);
  Value many =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt, threads, one);
  scf::IfOp::create(
      b, loc, many,
      [&](OpBuilder &b, Location loc) {
        scf::ParallelOp::create(
            b, loc, ValueRange{zero}, ValueRange{threads}, ValueRange{one},
            [&](OpBuilder &b, Location loc, ValueRange ivs) {
              auto bound = [&](Value t) -> Value {
                if (split)
                  return split(b, t, threads);
                Value size = arith::SubIOp::create(b, loc, end, begin);
                Value part = arith::DivUIOp::create(
                    b, loc, arith::MulIOp::create(b, loc, t, size), threads);
                return arith::AddIOp::create(b, loc, begin, part);
              };
              Value next = arith::AddIOp::create(b, loc, ivs[0], one);
              Value first = bound(ivs[0]);
              call(b, first, bound(next));
            });
        scf::YieldOp::create(b, loc);
      },
      [&](OpBuilder &b, Location loc) {
        call(b, begin, end);
        scf::YieldOp::create(b, loc);
      });
}

void ProductLowering::move(Value source, Value target, bool transpose,
                           bool finish) {
  SmallVector<Value> captures{source, target};
  if (finish)
    llvm::append_range(captures, epilogueValues);
  SmallVector<int> dims =
      resultDims(cast<MemRefType>(target.getType()).getRank());
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        std::optional<Epilogue> epilogue;
        if (finish)
          epilogue.emplace(makeEpilogue(args.drop_front(2), dims));
        auto emit = transpose ? emitTranspose : emitWriteBack;
        emit(b, loc, args[0], args[1], epilogue ? &*epilogue : nullptr, begin,
             end, options);
      });
  Value rows = dimOf(source, 0), work = rows;
  if (cast<MemRefType>(source.getType()).getRank() == 2)
    work = arith::MulIOp::create(b, loc, rows, dimOf(source, 1));
  dispatch(kernel, captures, createIndex(b, loc, 0), rows, work);
}

/// x as the kernel wants it: f32, columns last, contiguous.
Value ProductLowering::makeOperand() {
  if (vector) {
    Value x = asVector(this->x);
    if (isDirect(x, /*needF32=*/false))
      return x;
    Value copy = allocate(memref::getMixedSizes(b, loc, x));
    move(x, copy, /*transpose=*/false, /*finish=*/false);
    return copy;
  }
  if (kFirst && isDirect(x, /*needF32=*/true))
    return x;
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, x);
  Value source = x;
  if (!isDirect(x, /*needF32=*/false)) { // any strides, as upstream copies them
    auto type = cast<MemRefType>(x.getType());
    SmallVector<int64_t> shape;
    SmallVector<Value> dynamic;
    dispatchIndexOpFoldResults(sizes, dynamic, shape);
    source = memref::AllocOp::create(
        b, loc, MemRefType::get(shape, type.getElementType()), dynamic,
        b.getI64IntegerAttr(64));
    temporaries.push_back(source);
    memref::CopyOp::create(b, loc, x, source);
  }
  if (!kFirst)
    std::swap(sizes[0], sizes[1]);
  else if (cast<MemRefType>(source.getType()).getElementType().isF32())
    return source;
  Value target = allocate(sizes);
  move(source, target, /*transpose=*/!kFirst, /*finish=*/false);
  return target;
}

Value ProductLowering::balancedSplit(OpBuilder &b, const Cursor &cursor,
                                     Value groups, Value t, Value threads) {
  // The first group whose key, the entries and groups before it, reaches t
  // shares of the whole; found by bisection, since keys grow.
  auto key = [&](OpBuilder &b, Value group) -> Value {
    return addIndex(b, loc, cursor.entryOffset(b, loc, group),
                    mulIndex(b, loc, group, cursor.groupOverhead()));
  };
  Value zero = createIndex(b, loc, 0);
  Value base = key(b, zero);
  Value total = arith::SubIOp::create(b, loc, key(b, groups), base);
  Value share = arith::DivUIOp::create(
      b, loc, arith::MulIOp::create(b, loc, total, t), threads);
  Value goal = arith::AddIOp::create(b, loc, base, share);
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange{b.getIndexType(), b.getIndexType()},
      ValueRange{zero, groups},
      [&](OpBuilder &b, Location loc, ValueRange range) {
        Value open = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                           range[0], range[1]);
        scf::ConditionOp::create(b, loc, open, range);
      },
      [&](OpBuilder &b, Location loc, ValueRange range) {
        Value sum = arith::AddIOp::create(b, loc, range[0], range[1]);
        Value middle =
            arith::ShRUIOp::create(b, loc, sum, createIndex(b, loc, 1));
        Value below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                            key(b, middle), goal);
        Value low = arith::SelectOp::create(
            b, loc, below, addIndex(b, loc, middle, 1), range[0]);
        Value high = arith::SelectOp::create(b, loc, below, range[1], middle);
        scf::YieldOp::create(b, loc, ValueRange{low, high});
      });
  return loop.getResult(0);
}

/// One kernel over `groups` groups of the weight, `firstGroup` the first.
void ProductLowering::sumOver(int64_t denseGroup, Value firstGroup,
                              Value groups, Value x, Value y, bool readInit,
                              bool finish) {
  SmallVector<Value> weightValues = weight.values();
  SmallVector<Value> captures(weightValues);
  captures.append({x, y});
  if (finish)
    llvm::append_range(captures, epilogueValues);
  size_t count = weightValues.size();

  SmallVector<int> dims = resultDims(cast<MemRefType>(y.getType()).getRank());
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        auto cursor =
            weight.cursor(args.take_front(count), denseGroup, options.unit);
        std::optional<Epilogue> epilogue;
        if (finish)
          epilogue.emplace(makeEpilogue(args.drop_front(count + 2), dims));
        // Groups of a dense weight are whole.
        Value bound;
        if (weight.storage && mayBePartial(cursor->groupSize()))
          bound = b.createOrFold<memref::DimOp>(loc, args[count + 1], 0);
        KernelArgs kernelArgs{*cursor,     bound,
                              args[count], args[count + 1],
                              readInit,    epilogue ? &*epilogue : nullptr};
        auto emit = vector ? emitGemv : emitSpmm;
        emit(b, loc, kernelArgs, begin, end, options);
      });

  Value columns = vector ? createIndex(b, loc, 1) : dimOf(y, 1);
  if (!weight.storage) {
    Value work = arith::MulIOp::create(
        b, loc, columns, createIndex(b, loc, weight.storedElements));
    Value end = arith::AddIOp::create(b, loc, firstGroup, groups);
    dispatch(kernel, captures, firstGroup, end, work);
    return;
  }
  Value work = arith::MulIOp::create(
      b, loc, columns, createIndex(b, loc, weight.storedElements));
  auto cursor = weight.cursor(weightValues, denseGroup, options.unit);
  dispatch(kernel, captures, firstGroup, groups, work,
           [&](OpBuilder &b, Value t, Value threads) {
             return balancedSplit(b, *cursor, groups, t, threads);
           });
}

void ProductLowering::lowerSum() {
  Value x = makeOperand();
  bool readInit = !op.getZeroInit();
  Value target = vector ? asVector(y) : y;
  bool direct = isDirect(target, /*needF32=*/false) && (vector || oFirst);
  if (vector)
    direct = true; // scalars are stored with any stride
  Value result = target;
  if (!direct) {
    SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, y);
    if (!oFirst)
      std::swap(sizes[0], sizes[1]);
    result = allocate(sizes);
    if (readInit)
      move(y, result, /*transpose=*/!oFirst, /*finish=*/false);
  }

  if (weight.storage) {
    int64_t group =
        weight.cursor(weight.values(), 1, options.unit)->groupSize();
    Value groups = groupCount(group);
    sumOver(1, createIndex(b, loc, 0), groups, x, result, readInit, direct);
  } else {
    int64_t group = options.unit.registers >= 32 ? 8 : 4;
    Value rows = dimOf(weight.dense, weight.outerDim);
    Value size = createIndex(b, loc, group);
    Value whole = b.createOrFold<arith::DivUIOp>(loc, rows, size);
    Value rest = b.createOrFold<arith::RemUIOp>(loc, rows, size);
    int64_t known = weight.outerSize;
    if (ShapedType::isDynamic(known) || known >= group)
      sumOver(group, createIndex(b, loc, 0), whole, x, result, readInit,
              direct);
    if (ShapedType::isDynamic(known) || known % group != 0)
      sumOver(1, b.createOrFold<arith::SubIOp>(loc, rows, rest), rest, x,
              result, readInit, direct);
  }
  if (!direct)
    move(result, y, /*transpose=*/!oFirst, /*finish=*/true);
}

void ProductLowering::lowerUpdate() {
  Value x = makeOperand();
  bool readInit = !op.getZeroInit();
  Value target = vector ? asVector(y) : y;
  bool direct = isDirect(target, /*needF32=*/true) && (vector || oFirst);
  bool transpose = !vector && !oFirst;
  Value sums = target;
  if (!direct) {
    SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, target);
    if (transpose)
      std::swap(sizes[0], sizes[1]);
    sums = allocate(sizes);
  }
  if (!readInit)
    linalg::FillOp::create(b, loc, zeroF32(b, loc), sums);
  else if (!direct)
    move(target, sums, transpose, /*finish=*/false);

  SmallVector<Value> captures = weight.values();
  size_t count = captures.size();
  captures.append({x, sums});
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        auto cursor = weight.cursor(args.take_front(count), 1, options.unit);
        Value bound;
        if (mayBePartial(cursor->groupSize()))
          bound = b.createOrFold<memref::DimOp>(loc, args[count], 0);
        KernelArgs kernelArgs{*cursor,
                              bound,
                              args[count],
                              args[count + 1],
                              /*readInit=*/true,
                              /*epilogue=*/nullptr};
        if (vector)
          return emitGemvUpdate(b, loc, kernelArgs, begin, end, options);
        // The range counts vectors of columns.
        Value columns = b.createOrFold<memref::DimOp>(loc, args[count + 1], 1);
        auto toColumn = [&](Value index) -> Value {
          return arith::MinUIOp::create(
              b, loc, mulIndex(b, loc, index, options.unit.lanes), columns);
        };
        Value first = toColumn(begin), last = toColumn(end);
        emitSpmmUpdate(b, loc, kernelArgs, first, last, options);
      });
  if (vector) {
    int64_t group =
        weight.cursor(weight.values(), 1, options.unit)->groupSize();
    SmallVector<Value> args{createIndex(b, loc, 0), groupCount(group)};
    llvm::append_range(args, captures);
    func::CallOp::create(b, loc, kernel, args);
  } else {
    Value columns = dimOf(sums, 1);
    Value vectors = arith::CeilDivUIOp::create(
        b, loc, columns, createIndex(b, loc, options.unit.lanes));
    Value work = arith::MulIOp::create(
        b, loc, columns, createIndex(b, loc, weight.storedElements));
    dispatch(kernel, captures, createIndex(b, loc, 0), vectors, work);
  }
  if (!direct || op.hasEpilogue())
    move(sums, target, transpose, /*finish=*/true);
}

LogicalResult ProductLowering::run() {
  if (failed(findWeight()))
    return failure();
  if (!Epilogue::isVectorizable(op)) {
    options.unit.lanes = 1;
    options.unit.expand = false;
  }
  findCaptures();
  auto xType = cast<MemRefType>(x.getType());
  vector = xType.getRank() == 1 || xType.getDimSize(kFirst ? 1 : 0) == 1;
  if (sums)
    lowerSum();
  else
    lowerUpdate();
  for (Value temporary : llvm::reverse(temporaries))
    memref::DeallocOp::create(b, loc, temporary);
  op.erase();
  return success();
}

namespace {

struct HostKernelsPass : sparsec::impl::HostKernelsBase<HostKernelsPass> {
  using HostKernelsBase::HostKernelsBase;

  void runOnOperation() override {
    KernelOptions options;
    options.unit = {lanes, registers, expand};
    options.strict = strict;
    KernelTable kernels(getOperation());
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products) {
      if (op.isTensorForm()) {
        op.emitError() << "is not bufferized";
        return signalPassFailure();
      }
      if (failed(ProductLowering(op, kernels, options).run()))
        return signalPassFailure();
    }
    eraseWeights();
  }

private:
  /// Handles of weights have no users any more.
  void eraseWeights() {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> handles;
    getOperation()->walk([&](Operation *op) {
      if (isa<AssembleOp, WindowOp, bufferization::ToTensorOp>(op))
        handles.push_back(op);
    });
    for (Operation *op : llvm::reverse(handles))
      if (op->use_empty())
        rewriter.eraseOp(op);
  }
};

} // namespace
