"""A person with a browser, told in a few words."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from comity.admin import links, users
from comity.doors.site import site
from comity.ledger.keys import LogKey
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, Member
from tests.doors.web.sending import Tab

CENTRE_READS = """
[[clause]]
id = "centre"
text = "The centre reads what is marked at most TLP:GREEN."
effect = "permit"
to = { role = ["centre"] }
types = ["@threat", "@observables", "@links"]
tlp_max = "green"

[party.SCO-CENTRE]
"""
#: `MEMBERS` with a clause by which the node's own party, the centre, reads GREEN.
READING = MEMBERS.replace("\n[party.SCO-CENTRE]\n", CENTRE_READS)

#: The key by which the party of any body signs acts.
ACTS_KEY = LogKey.generate("comity.example/sco/SCO-CENTRE/SCO-CENTRE-sco/acts")


def link(body: Body, name: str = "analyst", role: str = "analyst", party: str | None = None) -> str:
    """A one-time link for a person of the node's own party, or of another; they are entered if there is no such person."""
    if all(each.name != name for each in users.users(body.world)):
        users.add(body.world, name, party or body.world.settings.party, role)
    return f"/enter/{links.create(body.world, name)}"


class Visitor:
    """A person with a browser, signed in to a body's node. `get` gives the answer, `see` a page's text, `data` its twin."""

    def __init__(
        self, body: Body, signed_in: bool = True, *, role: str = "analyst", name: str | None = None, party: str | None = None
    ) -> None:
        self.body = body
        self.client = Tab(site(body.desk, signer=lambda: ACTS_KEY), base_url="http://localhost", follow_redirects=False)
        if signed_in:
            self.client.post(link(body, name or f"{(party or 'own').lower()}.{role}", role, party))

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def see(self, path: str, **headers: str) -> str:
        answer = self.get(path, **headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return str(answer.text)

    def data(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()


def told(answer: Response | Any) -> tuple[int, bytes, dict[str, str]]:
    """Everything that an answer tells: status, bytes, headers."""
    return answer.status_code, answer.content, dict(answer.headers)


def body_that_reads() -> tuple[Body, Member]:
    """A centre that reads GREEN, and a member."""
    body = Body(agreement=READING.replace("version = 1", "version = 1\nillustrative = true"))
    return body, body.member("KZ")


def named(body: Body, code: str, standing: str, name: str) -> None:
    """A party with a name."""
    from comity.intake.govern import add_standing

    add_standing(body.world, Standing(party=code, body="sco", standing=standing, since=START, name=name), by="test")
