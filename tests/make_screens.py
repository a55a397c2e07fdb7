"""Screenshots of every page: `python -m tests.make_screens FOLDER`, in each language, light and dark, from 360 to 1,920 px.

Pages are those that screens declare, so a new one comes along by itself. `--lang`, `--theme`, `--width` and `--path` take fewer; a name is
`path.lang.theme.width.png`. Says which pages do not answer 200, scroll sideways or write to the console, and ends with 1 then.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comity.doors.web.words import LANGUAGES
from tests.consortium import Body
from tests.doors.web.browser.pages import every
from tests.furnished import furnished
from tests.served import chromium, served, sign_in

THEMES = ("light", "dark")
WIDTHS = (360, 768, 1280, 1920)


def asked(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.make_screens", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", nargs="+", default=list(LANGUAGES))
    parser.add_argument("--theme", nargs="+", default=list(THEMES), choices=THEMES)
    parser.add_argument("--width", nargs="+", default=list(WIDTHS), type=int)
    parser.add_argument("--path", nargs="+", default=[], help="only paths that begin so")
    parser.add_argument("--whole", action="store_true", help="the whole page, not one window of it")
    return parser.parse_args(arguments)


def shots(body: Body, url: str, options: argparse.Namespace, browser: Any) -> Iterator[str]:
    """Take them all; yields what is wrong with any."""
    begun = tuple(options.path) or ("/",)
    wanted = {who: [path for path in paths if path.startswith(begun)] for who, paths in every(body, url).items()}
    for lang in options.lang:
        for theme in options.theme:
            for width in options.width:
                for (role, party), paths in wanted.items():
                    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale=lang)
                    tab = context.new_page()
                    sign_in(tab, url, body, f"{(party or 'own').lower()}.{role}", role, party)
                    for path in paths:
                        yield from shot(tab, url, path, f"{lang}.{theme}.{width}", options)
                    context.close()


def shot(tab: Any, url: str, path: str, how: str, options: argparse.Namespace) -> Iterator[str]:
    """One screenshot."""
    said: list[str] = []
    note = lambda message: said.append(message.text) if message.type in ("error", "warning") else None  # noqa: E731
    tab.on("console", note)
    answer = tab.goto(f"{url}{path}{'&' if '?' in path else '?'}lang={how.partition('.')[0]}", wait_until="load")
    name = re.sub(r"[^A-Za-z0-9-]+", "_", re.sub(r"--[0-9a-f-]{32}([0-9a-f]{4})", r"-\1", path)).strip("_") or "index"
    if tab.locator("[data-picture]").count():
        tab.wait_for_timeout(1500)  # a picture settles
    tab.screenshot(path=options.folder / f"{name}.{how}.png", full_page=options.whole)
    over = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if answer.status != 200:
        yield f"{path} {how}: {answer.status}"
    if over > 0:
        yield f"{path} {how}: {over} px too wide"
    yield from (f"{path} {how}: {text}" for text in said)
    tab.remove_listener("console", note)


def main() -> int:
    """Take the screenshots that the command line asks for."""
    options = asked(sys.argv[1:])
    options.folder.mkdir(parents=True, exist_ok=True)
    body = furnished()
    with served(body) as url, chromium() as browser:
        wrong = list(shots(body, url, options, browser))
    print(f"{len(list(options.folder.glob('*.png')))} screenshots in {options.folder}", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
