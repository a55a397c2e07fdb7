"""Brings the files of what faults and outcomes say up to what the code says: `python -m tests.make_words`.

What is new gets an entry without a counterpart, to be filled in by hand; what is said no more goes. A text that several rooms say stands with
the first of them.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from comity.doors.web import words
from comity.doors.web.words.catalogue import REFUSALS, remarks
from tests.refusals import templates

#: The languages that say it; English is the key itself.
LANGUAGES = ("ru", "zh")


def written(lang: str) -> dict[str, bytes]:
    """File name -> content, of one language."""
    known, seen, files = remarks(lang), set[str](), dict[str, bytes]()
    for room, texts in templates().items():
        catalog = Catalog(locale=lang)
        for text in texts:
            if text not in seen:
                catalog.add(text, known.get(text, ""))
                seen.add(text)
        files[f"{REFUSALS}{room}.po"] = _as_file(catalog)
    return files


def _as_file(catalog: Catalog) -> bytes:
    """A catalogue as the files here are written: a short head, no line folded."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, no_location=True)
    head = f'"Language: {catalog.locale}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    plain = "".join(line for line in body.getvalue().decode().splitlines(keepends=True) if not line.startswith("#"))
    return f'msgid ""\nmsgstr ""\n{head}{plain.strip()}\n'.encode()


if __name__ == "__main__":
    for language in LANGUAGES:
        for name, content in written(language).items():
            Path(str(words.__file__)).with_name(language).joinpath(name).write_bytes(content)
