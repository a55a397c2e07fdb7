"""`python -m comity` and the `comity` command."""

from __future__ import annotations

from typing import Any

from comity.doors.cli import run


class _Node:
    """The composition root, loaded when something is first asked of it: what needs no node begins sooner, in less memory."""

    def __getattr__(self, name: str) -> Any:
        from comity import node

        return getattr(node, name)


def main() -> None:
    """Run the command line and exit with its documented code."""
    nodes: Any = _Node()
    run(nodes)


if __name__ == "__main__":
    main()
