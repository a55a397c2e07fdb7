"""The one style sheet, put together from `static/`: the tokens, the frame, then the components and the screens by their names."""

from __future__ import annotations

from importlib.resources import files

#: Its name, as templates ask for it.
NAME = "comity.css"
_FOLDERS = ("components", "screens")


def whole() -> bytes:
    """The style sheet. Order is what settles which of two rules of one weight holds, so it is fixed."""
    static = files(__package__).joinpath("static")
    parts = [static.joinpath("tokens.css"), static.joinpath("frame.css")]
    for name in _FOLDERS:
        folder = static.joinpath(name)
        if folder.is_dir():
            parts += sorted((file for file in folder.iterdir() if file.name.endswith(".css")), key=lambda file: file.name)
    return b"\n".join(part.read_bytes() for part in parts)
