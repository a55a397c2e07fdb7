"""`comity samples`."""

from __future__ import annotations

from comity import samples


def test_samples_are_written_and_never_over_something_else(comity, tmp_path):
    comity("samples")
    comity("samples")
    assert (tmp_path / "comity-samples" / "uz-dns.log").read_bytes() == samples.read("uz-dns.log")
    (tmp_path / "comity-samples" / "uz-dns.log").write_text("mine")
    comity("samples", code=6)
    assert (tmp_path / "comity-samples" / "uz-dns.log").read_text() == "mine"
