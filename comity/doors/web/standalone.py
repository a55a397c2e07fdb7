"""The page that checks proofs, as one file that needs no server and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib

from comity.doors.web import built, foreign
from comity.doors.web.render import ASSETS, TEMPLATES
from comity.doors.web.words import Words
from comity.errors import OperatorFault

_SCRIPT, _STYLE = (f'<meta name="place" content="{what}">' for what in ("script", "style"))
_POLICY = "policy-of-this-page"


def page(key: str, lang: str) -> bytes:
    """The page in a language, with a log's key (a verifier's text) filled in. Raises OperatorFault where no scripts were built."""
    name = built.MANIFEST.bundles.get("proof")
    if name is None:
        raise OperatorFault("Comity was built without the scripts of its pages", next="install it with them, or use comity log check")
    script, style = built.FILES[name].decode(), ASSETS["comity.css"][1].decode()
    html = foreign.isolated(TEMPLATES.get_template("standalone.html").render(t=Words(lang), key=key))
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    for place, text in ((_POLICY, policy), (_STYLE, f"<style>{style}</style>"), (_SCRIPT, f'<script type="module">{script}</script>')):
        html = html.replace(place, text, 1)
    return html.encode()


def _hash(text: str) -> str:
    """A text as a policy allows it (CSP Level 3 section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
