"""What the pass over raw bytes does 64 bytes at a time: numba intrinsics that become vector instructions of whatever machine runs them.

A mask has a bit for each of 64 bytes, the first byte's the lowest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_intrinsic: Callable[[Callable[..., Any]], Any] = intrinsic
_BYTES = 64
_I8, _I64 = ir.IntType(8), ir.IntType(64)
_LANES = ir.VectorType(_I8, _BYTES)

#: Of the masks that `masks` gives, in this order.
MASKS = ("token", "dot", "digit", "beyond", "break", "escape", "open", "close", "colon", "hash", "d")


def _splat(byte: int) -> Any:
    return ir.Constant(_LANES, [byte] * _BYTES)


def _any(builder: Any, found: Iterable[Any]) -> Any:
    first, *rest = found
    for each in rest:
        first = builder.or_(first, each)
    return first


def _among(builder: Any, lanes: Any, first: bytes, last: bytes) -> Any:
    """Which lanes are from `first` to `last`."""
    return builder.icmp_unsigned("<=", builder.sub(lanes, _splat(first[0])), _splat(last[0] - first[0]))


def _is(builder: Any, lanes: Any, byte: bytes) -> Any:
    return builder.icmp_unsigned("==", lanes, _splat(byte[0]))


def _place(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [at])


@_intrinsic
def masks(typingctx: Any, raw: Any, at: Any) -> Any:
    """The `MASKS` of raw[at : at + 64]; the caller knows that there are so many bytes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], args[0], args[1])
        lanes = builder.load(builder.bitcast(place, _LANES.as_pointer()), align=1, typ=_LANES)
        lower = builder.or_(lanes, _splat(32))
        dot, digit, beyond = _is(builder, lanes, b"."), _among(builder, lanes, b"0", b"9"), builder.icmp_signed("<", lanes, _splat(0))
        token = _any(
            builder, (_among(builder, lower, b"a", b"z"), digit, dot, beyond, _is(builder, lanes, b"-"), _is(builder, lanes, b"_"))
        )
        brace = _is(builder, lower, b"{")  # of [ too
        found = (
            token, dot, digit, beyond, _is(builder, lanes, b"\n"), _is(builder, lanes, b"\\"),
            builder.or_(brace, _is(builder, lanes, b"(")),
            _is(builder, lanes, b"]"), _is(builder, lanes, b":"), _is(builder, lanes, b"#"), _is(builder, lower, b"d"),
        )  # fmt: skip
        return context.make_tuple(builder, signature.return_type, [builder.bitcast(each, _I64) for each in found])

    several: Any = types.UniTuple
    return several(types.uint64, len(MASKS))(raw, types.int64), code


@_intrinsic
def word(typingctx: Any, raw: Any, at: Any) -> Any:
    """raw[at : at + 8] as a number, the first byte the lowest; the caller knows that there are so many bytes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], args[0], args[1])
        return builder.load(builder.bitcast(place, _I64.as_pointer()), align=1, typ=_I64)

    return types.uint64(raw, types.int64), code


def _of_bits(name: str, doc: str, emit: Callable[[Any, Any], Any]) -> Any:
    def function(typingctx: Any, bits: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return emit(builder, args[0])

        return types.int64(types.uint64), code

    function.__name__, function.__doc__ = name, doc
    return _intrinsic(function)


_NO = ir.Constant(ir.IntType(1), 0)
lowest = _of_bits("lowest", "The place of the lowest bit, 64 if there is none.", lambda builder, bits: builder.cttz(bits, _NO))
unset = _of_bits("unset", "How many bits above the highest set one.", lambda builder, bits: builder.ctlz(bits, _NO))
count = _of_bits("count", "How many bits are set.", lambda builder, bits: builder.ctpop(bits))


@_intrinsic
def behind(typingctx: Any, bits: Any, before: Any, place: Any) -> Any:
    """The 64 bits behind a place of a mask, the nearest the highest; `before` is the mask of the 64 bytes before."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        shift = builder.module.declare_intrinsic("llvm.fshr", [_I64], ir.FunctionType(_I64, [_I64] * 3))
        return builder.call(shift, args)

    return types.uint64(types.uint64, types.uint64, types.uint64), code
