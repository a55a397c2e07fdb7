"""The compiled pass is tested beside NumPy's in test_prefilter; here, that it can be had at all where numba is."""

from __future__ import annotations

import numpy as np

from comity.match.kernel import CLASSES, TOKEN
from comity.match.kernel_numpy import _TOKEN


def test_both_passes_take_the_same_bytes_for_tokens() -> None:
    ascii_ = np.arange(128)
    assert ((CLASSES[ascii_] >= TOKEN) == (_TOKEN[ascii_] != 0)).all()
    assert (CLASSES[128:] == 255).all()
