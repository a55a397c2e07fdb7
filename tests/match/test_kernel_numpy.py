from __future__ import annotations

import numpy as np

from comity.match.kernel_numpy import Numpy
from comity.match.key_set import bloom
from comity.match.keys import keys

NONE = np.zeros(0, np.uint8)


def test_each_part_that_begins_a_label_is_looked_for() -> None:
    wanted = keys([b"b.example"])
    passed = Numpy([(bloom([wanted], 1), wanted)], NONE, six=False)
    found, count = passed.lines(np.frombuffer(b"a.b.example.\nab.example\nb.example.a\nB.EXAMPLE x\n", np.uint8))
    assert count == 4
    assert found[:, 0].tolist() == [0, 3]
