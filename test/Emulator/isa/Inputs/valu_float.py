# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Floating-point vector instructions: one row each."""

import floats
import valu_convert
import valu_functions
from floats import F16, F32, F64
from harness import FLUSH, KEEP, Mode
from operands import MASK32, Op, signed
from valu_arithmetic import (ROUNDED, arithmetic, chosen, finish, greatest,
                             least, median, multiplyAdd, multiplyLegacy, three,
                             zerosAlike)
from valu_special import (cube, cubeId, cubeMa, cubeSc, cubeTc, divFixup,
                          fmasUnscaled, literalOps, normals, scaleOps,
                          trigPreop)

BOTH = {"f32": F32, "f16": F16}
VOP2 = ("e32", "e64", "sdwa", "dpp")


def ldexp(f):

    def compute(c, x, y):
        x = f.flush(x, c.mode.flush(f))
        if not f.isFinite(x) or f.isZero(x):
            return f.quiet(x) if f.isNan(x) else x
        if f is F16 and signed(y) != signed(y, 16):
            return None  # sources disagree on the width of the exponent
        m, e = f.value(x)
        shift = max(-5000, min(5000, signed(y)))
        return finish(c, f, f.encode(m, 1, e + shift, c.mode.rounding(f)))

    return compute


def tripleOps():
    for kind, f in (("f32", F32), ("f64", F64), ("f16", F16)):
        yield Op(f"v_fma_{kind}", kind, [kind] * 3, arithmetic(f, floats.fma),
                 ("",), modes=ROUNDED)
        yield Op(f"v_div_fixup_{kind}", kind, [kind] * 3, divFixup(f), ("",),
                 pools={"noclamp": True})
    for kind, f in (("f32", F32), ("f64", F64)):
        yield Op(f"v_div_fmas_{kind}", kind, [kind] * 3, fmasUnscaled(f), ("",),
                 pools={"noscalar": True, "noclamp": True})
    yield Op("v_mad_f32", "f32", ["f32"] * 3, multiplyAdd(F32), ("",),
             modes=ROUNDED)
    yield Op("v_mad_f16", "f16", ["f16"] * 3, multiplyAdd(F16), ("",),
             modes=ROUNDED)
    yield Op("v_mad_legacy_f32", "f32", ["f32"] * 3, multiplyAdd(F32, True),
             ("",))
    for name, choose in (("min3", three(least)), ("max3", three(greatest)),
                         ("med3", median)):
        yield Op(f"v_{name}_f32", "f32", ["f32"] * 3, zerosAlike(
            F32, chosen(F32, choose)), ("",), denormals=False, quietOnly=True,
            modes=(KEEP, FLUSH, Mode(ieee=False)))
    pools = {i: normals(F32) for i in range(3)}
    pools["only"] = True
    for name, choose in (("id", cubeId), ("ma", cubeMa), ("sc", cubeSc),
                         ("tc", cubeTc)):
        yield Op(f"v_cube{name}_f32", "f32", ["f32"] * 3, cube(choose), ("",),
                 pools=pools)


def smallShift(rng):
    return rng.randrange(-40, 41) & MASK32


def ops():
    for family in (valu_functions.functionOps, valu_functions.roundingOps,
                   valu_convert.conversionOps, valu_convert.packOps, tripleOps,
                   scaleOps, literalOps):
        yield from family()
    for kind, f in BOTH.items():
        pair = [kind, kind]
        rows = {"add": arithmetic(f, floats.add),
                "sub": arithmetic(f, floats.add, negate=1),
                "subrev": arithmetic(f, floats.add, swap=True, negate=1),
                "mul": arithmetic(f, floats.mul)}
        for name, compute in rows.items():
            yield Op(f"v_{name}_{kind}", kind, pair, compute, VOP2,
                     modes=ROUNDED)
        for name, choose in (("min", least), ("max", greatest)):
            yield Op(f"v_{name}_{kind}", kind, pair, chosen(f, choose), VOP2,
                     denormals=False, modes=(KEEP, FLUSH, Mode(ieee=False)))
        yield Op(f"v_mac_{kind}", kind, pair, multiplyAdd(f), VOP2, reads=True,
                 modes=ROUNDED)
    yield Op("v_mul_legacy_f32", "f32", ["f32", "f32"], multiplyLegacy, VOP2)
    yield Op("v_ldexp_f16", "f16", ["f16", "i32"], ldexp(F16), VOP2,
             pools={1: smallShift})
    yield Op("v_ldexp_f32", "f32", ["f32", "i32"], ldexp(F32), ("",))
    yield Op("v_ldexp_f64", "f64", ["f64", "i32"], ldexp(F64), ("",))
    for name, compute in (("add", arithmetic(F64, floats.add)),
                          ("mul", arithmetic(F64, floats.mul))):
        yield Op(f"v_{name}_f64", "f64", ["f64", "f64"], compute, ("",),
                 modes=ROUNDED)
    for name, choose in (("min", least), ("max", greatest)):
        yield Op(f"v_{name}_f64", "f64", ["f64", "f64"], chosen(F64, choose),
                 ("",), denormals=False, modes=(KEEP, FLUSH, Mode(ieee=False)))
    yield Op("v_trig_preop_f64", "f64", ["f64", "u32"], trigPreop, ("",),
             pools={0: normals(F64, 50), 1: lambda rng: rng.randrange(18) |
                    rng.getrandbits(27) << 5, "only": True, "noclamp": True})
