"""What numba compiles of the pass over raw bytes, kept on disk until any of its sources changes.

Numba alone looks only at the file of the function that is called: what that one calls may be older than its source.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache

_HERE = Path(__file__).parent
_SOURCES = zlib.crc32(b"".join(path.read_bytes() for path in (*sorted(_HERE.glob("kernel*.py")), _HERE / "vectors.py", _HERE / "keys.py")))


class _Cache(FunctionCache):
    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return super()._index_key(sig, codegen), _SOURCES  # type: ignore[no-untyped-call]


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called, or load what was compiled; where nothing can be kept, each process compiles.

    Without numba's reference counts: nothing is allocated, and counting each array at each call would take half of the time.
    """
    made = njit(nogil=True, _nrt=False)(function)  # type: ignore[call-overload]
    with suppress(RuntimeError):  # no folder to write to
        made._cache = _Cache(made.py_func)  # type: ignore[no-untyped-call]
    return made


#: For what is called for each token: some sixty numbers would have to be handed over at each call.
inlined: Callable[[Callable[..., Any]], Any] = njit(nogil=True, _nrt=False, forceinline=True)  # type: ignore[call-overload]
