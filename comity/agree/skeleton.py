"""A text to begin a new agreement from: sound as it stands, each part with a remark that says what to do with it."""

from __future__ import annotations

import re
from datetime import date

import msgspec

from comity.agree.agreement import read
from comity.errors import AgreementFault

_NEW = """\
# A new agreement. Lines that begin with # are remarks: they explain, and the machine passes over them.
# Read every line, change what is not meant, and look at it with: comity agreement lint FILE and comity agreement show FILE
# Every word that may stand here is in docs/agreement-reference.md.

[agreement]
id = {id}                # stays the same for ever
version = 1              # each later text is the next version
title = {title}
body = {body}              # the organisation whose register says who is a member, an observer, ...
purposes = ["network-defence", "incident-response"]
in_force = {day}    # the first day; before it the agreement binds nobody
entry = "per-party"      # it binds a party from that party's own entry into force, which follows its ratification
notice = "P6M"           # who withdraws stays bound for six months more

# Each clause permits or forbids one thing. What no clause permits does not leave.

[[clause]]
id = "art-1"
text = "Members receive from each other technical information on threats up to TLP:AMBER."
effect = "permit"
to = {{ standing = ["member"] }}
from = {{ standing = ["member"] }}
types = ["@threat", "@observables", "relationship"]
tlp_max = "amber"
onward = "parties"       # whoever received it may pass on what is at most TLP:GREEN, to those whom this agreement would give it anyway
retain = "P1Y"           # a recipient erases it a year after receipt

[[clause]]
id = "art-2"
text = "Observers receive from members indicators and observables up to TLP:GREEN."
effect = "permit"
to = {{ standing = ["observer"] }}
from = {{ standing = ["member"] }}
types = ["indicator", "@observables"]
tlp_max = "green"
retain = "P6M"

[[clause]]
id = "art-3"
text = "A sighting is returned to whoever produced what was sighted."
effect = "permit"
to = {{ role = ["producer"] }}
types = ["sighting"]
tlp_max = "amber"
retain = "P1Y"

[[clause]]
id = "art-4"
text = "Nothing is exchanged that attributes an attack to anyone."
effect = "forbid"
threat = ["attribution"]

# The centre keeps and forwards for the parties. By these clauses it reads nothing itself. Put its code in the place of this one.

[party.{centre}]
role = "centre"
in_force = {day}

# The other parties need no section: each signs and ratifies (comity agreement sign, comity agreement ratify).
"""


def begun(id_: str, body: str, title: str, day: date) -> str:
    """The text of a new agreement in force from a day on. Raises AgreementFault for an id or body that cannot be one."""
    centre = re.sub(r"[^A-Z0-9-]", "", body.upper())[:25] + "-CENTRE"
    return _sound(_NEW.format(id=_quoted(id_), body=_quoted(body), title=_quoted(title), day=day.isoformat(), centre=centre))


def begun_like(sample: str, name: str, id_: str, body: str, title: str, day: date) -> str:
    """The same from the text of a sample called `name`: its clauses, and the sections of its centres alone. Raises AgreementFault."""
    head, *sections = re.split(r"^(?=\[party\.)", sample, flags=re.MULTILINE)
    head = _between(head, body)
    for key, value in (("id", _quoted(id_)), ("title", _quoted(title)), ("body", _quoted(body)), ("in_force", day.isoformat())):
        line = f"{key} = {value}".replace("\\", r"\\")
        head = re.sub(rf"^{key} = .*$", line, head, count=1, flags=re.MULTILINE)
    head = re.sub(r"^illustrative = true\n", "", head, count=1, flags=re.MULTILINE)
    lines = head.split("\n")
    remark = f"# Begun from the sample {name}: its clauses are sample wording. Read every one, and put your own in its place."
    after = "# The other parties need no section: each signs and ratifies (comity agreement sign, comity agreement ratify).\n"
    centres = [re.sub(r"^in_force = .*$", f"in_force = {day}", each, flags=re.MULTILINE) for each in sections if 'role = "centre"' in each]
    return _sound("\n".join([remark, *lines[1:]]) + "".join(f"{each.rstrip()}\n\n" for each in centres) + after)


def _between(text: str, body: str) -> str:
    """A protocol's text with the body among those that it is between, as the first of them: in the place of the first where it is new."""
    found = re.search(r"^bodies = (.*)$", text, re.MULTILINE)
    if found is None:
        return text
    bodies = msgspec.json.decode(found[1], type=list[str])
    first, others = bodies[0], [each for each in bodies if each != body]
    if body not in bodies:
        text = re.sub(rf'(?<=[\[ ,])"{first}"(?=[\], ])', lambda _: _quoted(body), text).replace(f"[map.{first}]", f"[map.{_quoted(body)}]")
        others = bodies[1:]
    listed = ", ".join(_quoted(each) for each in [body, *others])
    return re.sub(r"^bodies = .*$", lambda _: f"bodies = [{listed}]", text, count=1, flags=re.MULTILINE)


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but for one control character that JSON lets stand."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def _sound(text: str) -> str:
    try:
        read(text)
    except AgreementFault as fault:
        said = str(fault).split(": ", 1)[-1]
        raise AgreementFault(said, next=fault.next) from None
    return text
