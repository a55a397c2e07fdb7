"""`python -m comity` and the `comity` command."""

from __future__ import annotations

from comity.doors.cli import run


def main() -> None:
    """Run the command line and exit with its documented code."""
    from comity import node

    run(node)


if __name__ == "__main__":
    main()
