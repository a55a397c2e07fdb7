"""Constituencies as a table (RFC 4180): a row for each thing that somebody answers for. Read line by line, a bad line told and passed over.

`party,kind,value` and, where they are said, `owner,mail,webhook`; the header names them in any order, other columns are passed over. A cell
that got a `'` because a spreadsheet would take it for a formula loses it again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from comity.errors import SenderFault
from comity.terms.constituency import Addition, Constituent, addition, contact
from comity.terms.item import Refused

COLUMNS = ("party", "kind", "value", "owner", "mail", "webhook")
_NEEDED = COLUMNS[:3]


def read(text: str, party: str = "") -> Iterator[Addition | Refused]:
    """The additions of a table, or why a line is none. `party` stands where a row names none. Raises SenderFault for a header without
    the columns that are needed."""
    rows = csv.reader(StringIO(text, newline=""))
    header = [name.strip().lower() for name in next(rows, [])]
    missing = [name for name in _NEEDED if name not in header and not (name == "party" and party)]
    if missing:
        raise SenderFault(f"the table's first line does not name the column {missing[0]}", next="begin it with " + ",".join(COLUMNS))
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(position=f"line {line}", why=str(error))
            continue
        if any(cell.strip() for cell in row):
            yield _addition(dict(zip(header, map(_plain, row))), party, line)


def _addition(row: dict[str, str], party: str, line: int) -> Addition | Refused:
    cell = {name: row.get(name, "").strip() for name in COLUMNS}
    try:
        how = contact(cell["mail"], cell["webhook"])
        return addition(cell["party"] or party, cell["owner"], [(cell["kind"].lower(), cell["value"])], how)
    except SenderFault as fault:
        return Refused(position=f"line {line}", why=f"{fault}" + (f" ({fault.next})" if fault.next else ""))


def _plain(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell


def rows(constituents: Iterable[Constituent]) -> Iterator[dict[str, str]]:
    """A record for each thing that is answered for, by the names of the columns."""
    for each in constituents:
        how = each.contact
        for one in each.holdings:
            yield dict(zip(COLUMNS, (each.party, one.kind, one.value, each.owner, how.mail, how.webhook)))
