"""The scripts that were built into the package (`hatch_build.py`), and what a page that loads them must allow."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from markupsafe import Markup

#: Cytoscape adds one constant style element; browsers take it by this hash of its text (CSP Level 3 section 6.7.3).
_CYTOSCAPE = b".__________cytoscape_container { position: relative; }"
STYLES = {"graph": f"'sha256-{base64.b64encode(hashlib.sha256(_CYTOSCAPE).digest()).decode()}'"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was built: script -> the name of its file, and the names of all files."""

    bundles: dict[str, str] = {}
    files: list[str] = []


def read(folder: Traversable) -> tuple[Manifest, dict[str, bytes]]:
    """What was built into a folder; nothing where the package was built without scripts."""
    listed = folder.joinpath("manifest.json")
    if not listed.is_file():
        return Manifest(), {}
    manifest = msgspec.json.decode(listed.read_bytes(), type=Manifest)
    return manifest, {name: folder.joinpath(name).read_bytes() for name in manifest.files}


MANIFEST, FILES = read(files(__package__).joinpath("static", "built"))
LICENCES = "THIRD-PARTY-LICENSES.txt"


class Loaded:
    """The scripts that one page loads: called by its templates, asked for its headers."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def __call__(self, name: str) -> Markup:
        """The tag that loads a script, once; nothing where it was not built. A module runs when the page has been read."""
        if name in self._names or name not in MANIFEST.bundles:
            return Markup("")
        self._names.append(name)
        return Markup('<script type="module" src="/static/{}"></script>').format(MANIFEST.bundles[name])

    def policy(self) -> str:
        """The Content-Security-Policy: our own files, and the style elements of the libraries that this page draws with."""
        return policy(self._names)


def policy(scripts: list[str]) -> str:
    """The Content-Security-Policy of a page that loads these scripts."""
    return _POLICY.format(styles=" ".join(["'self'", *(STYLES[name] for name in scripts if name in STYLES)]))
