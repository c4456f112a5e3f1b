//===- NpyHeader.cpp - The header of .npy files ---------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/NpyHeader.h"

using namespace sparsec;
using namespace sparsec::tools;

namespace {
struct ElementType {
  const char *code; // as in a descr, behind the byte order
  uint32_t dtype;
  int64_t bytes;
};

constexpr ElementType kElementTypes[] = {
    {"f4", SPARSEC_F32, 4}, {"f2", SPARSEC_F16, 2}, {"f8", SPARSEC_F64, 8},
    {"i1", SPARSEC_I8, 1},  {"i4", SPARSEC_I32, 4}, {"i8", SPARSEC_I64, 8},
    {"b1", SPARSEC_I1, 1},  {"u1", kNpyU8, 1},      {"i2", kNpyI16, 2},
    {"u2", kNpyU16, 2},     {"u4", kNpyU32, 4},     {"u8", kNpyU64, 8}};

bool taken(const ElementType &type, NpyTypes types) {
  return types == NpyTypes::All || type.dtype < kNpyU8;
}

/// A recursive descent parser of the one literal that NumPy writes. Strict: a
/// header that it does not understand to the last character is refused.
class Parser {
public:
  Parser(std::string_view text, NpyHeader &header, std::string &problem,
         NpyTypes types)
      : text(text), header(header), problem(problem), types(types) {}

  bool parse();

private:
  bool parseKey();
  bool parseDescr();
  bool parseOrder();
  bool parseShape();
  bool parseDimension(int64_t &dimension);
  bool parseString(std::string &value);
  bool addUpBytes();

  void skipSpaces() {
    while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) !=
                                std::string_view::npos)
      text.remove_prefix(1);
  }
  /// Skips spaces, then `token` if it is next.
  bool consume(std::string_view token) {
    skipSpaces();
    if (text.substr(0, token.size()) != token)
      return false;
    text.remove_prefix(token.size());
    return true;
  }
  bool fail(std::string message) {
    problem = std::move(message);
    return false;
  }
  bool expected(const char *what) {
    return fail("damaged header: expected " + std::string(what) +
                (text.empty() ? " at its end" : " before " + quote(text)));
  }
  /// The beginning of a string, fit for one line of a message.
  static std::string quote(std::string_view value) {
    constexpr size_t kMost = 24;
    std::string result = "'";
    for (char c : value.substr(0, kMost))
      result += c < ' ' || c > '~' ? '?' : c;
    return result + (value.size() > kMost ? "...'" : "'");
  }

  std::string_view text;
  NpyHeader &header;
  std::string &problem;
  NpyTypes types;
  int64_t elementBytes = 0;
  bool hasDescr = false, hasOrder = false, hasShape = false;
};
} // namespace

bool Parser::parseString(std::string &value) {
  skipSpaces();
  char quotes = text.empty() ? '\0' : text.front();
  size_t end = quotes == '\'' || quotes == '"' ? text.find(quotes, 1)
                                               : std::string_view::npos;
  if (end == std::string_view::npos)
    return expected("a string");
  value = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return true;
}

bool Parser::parseDescr() {
  skipSpaces();
  if (!text.empty() && (text.front() == '[' || text.front() == '('))
    return fail("structured element types are not supported");
  std::string descr;
  if (!parseString(descr))
    return false;
  std::string code = descr.empty() ? "" : descr.substr(1);
  for (const ElementType &type : kElementTypes) {
    if (code != type.code || !taken(type, types))
      continue;
    // One byte has no order, more must have one. '=' is this machine's order.
    switch (descr[0]) {
    case '<':
    case '=':
      break;
    case '|':
      if (type.bytes == 1)
        break;
      return fail("element type " + quote(descr) + " has no byte order");
    case '>':
      if (type.bytes == 1)
        break;
      return fail("big-endian elements (" + quote(descr) +
                  ") are not supported: save them as '<" + code + "'");
    default:
      return fail("unknown element type " + quote(descr));
    }
    header.type.dtype = type.dtype;
    elementBytes = type.bytes;
    return true;
  }
  std::string known;
  for (const ElementType &type : kElementTypes)
    if (taken(type, types))
      known += (known.empty() ? "" : ", ") + std::string(type.code);
  return fail("element type " + quote(descr) + " is not one of " + known);
}

bool Parser::parseOrder() {
  if (consume("True"))
    header.fortranOrder = true;
  else if (consume("False"))
    header.fortranOrder = false;
  else
    return expected("True or False as fortran_order");
  return true;
}

bool Parser::parseDimension(int64_t &dimension) {
  if (consume("-"))
    return fail("a dimension is negative");
  if (text.empty() || text.front() < '0' || text.front() > '9')
    return expected("a dimension");
  dimension = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9';
       text.remove_prefix(1))
    if (__builtin_mul_overflow(dimension, 10, &dimension) ||
        __builtin_add_overflow(dimension, text.front() - '0', &dimension))
      return fail("a dimension does not fit into 63 bits");
  return true;
}

bool Parser::parseShape() {
  if (!consume("("))
    return expected("a tuple as shape");
  uint32_t rank = 0;
  bool comma = true;
  while (!consume(")")) {
    if (!comma)
      return expected("',' or ')' in shape");
    int64_t dimension;
    if (!parseDimension(dimension))
      return false;
    if (rank == SPARSEC_MAX_RANK)
      return fail("more than " + std::to_string(SPARSEC_MAX_RANK) +
                  " dimensions");
    header.type.shape[rank++] = dimension;
    comma = consume(",");
  }
  // (3) is a number in Python; a tuple of one needs the comma.
  if (rank == 1 && !comma)
    return fail("damaged header: shape is a number, not a tuple");
  header.type.rank = rank;
  return true;
}

bool Parser::parseKey() {
  std::string key;
  if (!parseString(key))
    return false;
  bool *seen = key == "descr"           ? &hasDescr
               : key == "fortran_order" ? &hasOrder
               : key == "shape"         ? &hasShape
                                        : nullptr;
  if (!seen)
    return fail("damaged header: unknown key " + quote(key));
  if (*seen)
    return fail("damaged header: key " + quote(key) + " twice");
  *seen = true;
  if (!consume(":"))
    return expected("':'");
  return seen == &hasDescr   ? parseDescr()
         : seen == &hasOrder ? parseOrder()
                             : parseShape();
}

bool Parser::addUpBytes() {
  int64_t bytes = elementBytes;
  bool empty = false;
  for (uint32_t i = 0; i < header.type.rank; ++i) {
    int64_t dimension = header.type.shape[i];
    if (dimension == 0)
      empty = true;
    else if (__builtin_mul_overflow(bytes, dimension, &bytes))
      return fail("its shape is larger than the address space");
  }
  header.bytes = empty ? 0 : size_t(bytes);
  return true;
}

bool Parser::parse() {
  if (!consume("{"))
    return expected("'{'");
  bool comma = true;
  while (!consume("}")) {
    if (!comma)
      return expected("',' or '}'");
    if (!parseKey())
      return false;
    comma = consume(",");
  }
  skipSpaces();
  if (!text.empty())
    return expected("nothing more");
  if (!hasDescr || !hasOrder || !hasShape)
    return fail(std::string("damaged header: no key '") +
                (!hasDescr   ? "descr'"
                 : !hasOrder ? "fortran_order'"
                             : "shape'"));
  return addUpBytes();
}

bool tools::parseNpyHeader(std::string_view text, NpyHeader &header,
                           std::string &problem, NpyTypes types) {
  return Parser(text, header, problem, types).parse();
}

size_t tools::npyElementBytes(uint32_t dtype) {
  for (const ElementType &type : kElementTypes)
    if (type.dtype == dtype)
      return size_t(type.bytes);
  return dtype == SPARSEC_BF16 ? 2 : 0;
}

std::string tools::printNpyHeader(const sparsec_tensor_type &type) {
  for (const ElementType &known : kElementTypes) {
    if (known.dtype != type.dtype)
      continue;
    std::string text = "{'descr': '";
    text += known.bytes == 1 ? '|' : '<';
    text += known.code;
    text += "', 'fortran_order': False, 'shape': (";
    for (uint32_t i = 0; i < type.rank; ++i)
      text += (i == 0 ? "" : " ") + std::to_string(type.shape[i]) +
              (i + 1 < type.rank || type.rank == 1 ? "," : "");
    return text + "), }";
  }
  return "";
}
