from __future__ import annotations

import io
import tempfile

from comity.match.section import Held, mapped, section


def test_a_section_is_the_same_in_memory_and_in_a_file() -> None:
    with tempfile.TemporaryFile() as file:
        memory = io.BytesIO()
        for each in (file, memory):
            each.write(b"0123456789")
        read, held = section(file), section(memory)
        assert bytes(mapped(file, 4)) == b"0123" == bytes(mapped(memory, 4))[:4]
    for each in (read, held):  # the file is closed
        assert [each.read(2, 3), each.read(8, 5), each.read(20, 1)] == [b"234", b"89", b""]
    assert Held(b"").read(0, 1) == b""
