"""A body with three weeks behind it, for whoever looks at the pages: parties of every standing, people in every role, items of every kind."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from comity import samples
from comity.admin import asked, pings, shifts, triage, users
from comity.agree.accession import Step
from comity.agree.approval import Person
from comity.clock import micros
from comity.doors import approving
from comity.forms import misp, stix_json
from comity.intake import acceding, proposals, redress, registering, review
from comity.intake.contacting import set_contact
from comity.intake.govern import add_standing
from comity.intake.submit import Submitter, submit
from comity.release import approvals
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from comity.terms.party import PEOPLE, Standing
from comity.terms.registry import Dispute, Entries, Position
from tests.consortium import START, Body, Member, drafts, indicator, relationship, report, sdo, sighting

PARTIES = (
    ("KZ", "member", "Kazakhstan"),
    ("UZ", "member", "Uzbekistan"),
    ("IN", "member", "India"),
    ("KG", "member", "Kyrgyzstan"),
    ("TJ", "member", "Tajikistan"),
    ("IR", "observer", "Iran"),
    ("AF", "guest", "Afghanistan"),
    ("MN", "suspended", "Mongolia"),
)
#: name -> (party or None for the node's own, role).
STAFF = {**{f"own.{role}": (None, role) for role in PEOPLE}, "kz.duty": ("KZ", "duty-officer"), "ir.analyst": ("IR", "analyst")}
CYRILLIC = "рост-почта.example"


def furnished(party: str = "SCO-CENTRE") -> Body:
    """The body, at its centre's node."""
    body = Body(agreement=samples.read("sco-ict-sample.toml").decode(), party=party)
    for code, standing, name in PARTIES:
        since = START - timedelta(days=400)
        add_standing(body.world, Standing(party=code, body="sco", standing=standing, since=since, name=name), by="test")
    for name, (theirs, role) in STAFF.items():
        users.add(body.world, name, theirs or party, role)
    _days(body, 1)
    kz = [*stix_json.read(samples.read("kz-threat-report.stix.json"))]
    list(submit(body.world, kz, Submitter(party="KZ", tlp="green")))
    _days(body, 3)
    list(submit(body.world, misp.read(samples.read("kz-phishing.misp.json")), Submitter(party="KZ", tlp="green")))
    _of_uzbekistan(body)
    _of_others(body)
    _of_the_centre(body)
    _of_the_register(body)
    _of_persons(body)
    return body


def _of_persons(body: Body) -> None:
    """What leads to persons: one that waits, one reviewed, some that passed; and tickets of every state."""
    letters = [
        indicator(name="a letter with a trojan", pattern=f"[email-message:from_ref.value = '{name}@mail.example']")
        for name in ("anna.b", "z.k")
    ]
    number = indicator(name="ask +7 700 000 00 00", pattern="[domain-name:value = 'control.example']")
    _enter(body, "SCO-CENTRE", *letters, number)
    anna = Person(party="SCO-CENTRE", id="own.point-of-contact")
    until = body.clock() + timedelta(days=365)
    review.propose(body.world, letters[1]["id"], anna, "", category="attacker", basis="Article 6", expires=until)
    passed = [indicator(name=f"sender {n}", pattern=f"[email-addr:value = 'sender{n}@mail.example']") for n in range(40)]
    _enter(body, "SCO-CENTRE", *passed, person="attacker")
    redress.open_ticket(body.world, number["id"], "hotline, case 12", "own.duty-officer")
    answered = redress.open_ticket(body.world, "a customer's address in a report", "Office of the ombudsman", "own.duty-officer")
    redress.answer(body.world, answered.id, "kept", "It is an office's.", "own.duty-officer")


def _reader(party: str) -> Reader:
    return Reader(party=party, body="sco", purposes=PURPOSES)


def _days(body: Body, days: float) -> None:
    body.clock.at += timedelta(days=days)


def _enter(body: Body, party: str, *objects: dict, **options: object) -> None:
    list(submit(body.world, drafts(objects), Submitter(party=party, **{"tlp": "green", "named": True, **options})))  # type: ignore[arg-type]


def _of_uzbekistan(body: Body) -> None:
    """A family, where it was seen, and a host whose name is in another script."""
    family = sdo(
        "malware", name="GREYDUNE", malware_types=["remote-access-trojan"], description="Seen in mail to ministries since October."
    )
    mail = indicator(
        name="Mail host in Cyrillic", pattern=f"[domain-name:value = '{CYRILLIC}']", indicator_types=["malicious-activity"], confidence=70
    )
    address = indicator(name="Controller", pattern="[ipv4-addr:value = '203.0.113.77']", valid_until="2022-03-01T00:00:00Z", confidence=85)
    tied = [relationship(each["id"], family["id"]) for each in (mail, address)]
    told = report(family["id"], mail["id"], address["id"], name="GREYDUNE: controllers and mail hosts", report_types=["malware"])
    _enter(body, "UZ", family, mail, address, *tied, told)
    _days(body, 2)
    _enter(body, "UZ", {**address, "modified": "2021-11-06T09:00:00.000Z", "confidence": 95, "description": "Confirmed by two parties."})
    known = next(row.id for row in body.world.store.by_type("indicator"))
    _enter(body, "UZ", sighting(known, count=14, first_seen="2021-11-04T06:00:00Z", last_seen="2021-11-05T20:00:00Z"))
    _days(body, 1)


def _of_others(body: Body) -> None:
    """What is held closer: AMBER, addressed, restricted, about to expire, revoked, disputed."""
    close = indicator(name="Addressed to two", pattern="[url:value = 'https://portal.example/login?next=%2Fadmin']")
    _enter(body, "IN", close, tlp="amber", to=("KZ", "SCO-CENTRE"))
    held = indicator(name="Only with consent", pattern="[file:hashes.'SHA-256' = '" + "5f" * 32 + "']")
    _enter(body, "KG", held, handling=("H3",), to=("UZ", "KZ", "SCO-CENTRE"))
    ending = indicator(name="Short-lived relay", pattern="[ipv6-addr:value = '2001:db8::77']")
    _enter(body, "TJ", ending, expires=body.clock() + timedelta(days=14))
    _days(body, 2)
    gone = indicator(name="Withdrawn by its producer", pattern="[domain-name:value = 'cdn-static.example']")
    _enter(body, "TJ", gone)
    _enter(body, "TJ", {**gone, "modified": "2021-11-11T09:00:00.000Z", "revoked": True})
    opinion = sdo("opinion", opinion="strongly-disagree", explanation="This host serves updates of ours.", object_refs=[gone["id"]])
    _enter(body, "UZ", opinion)
    asked = indicator(name="Asked for", pattern="[domain-name:value = 'asked.example']")
    _enter(body, "KZ", asked, handling=("H3",))
    approving.request(body.desk, _reader("KZ"), Person(party="KZ", id="kz.duty"), [asked["id"]], ["UZ"])
    note = sdo(
        "note", content="两个成员方的邮件网关均已拦截。\nЗаблокировано на почтовых шлюзах двух участников.", object_refs=[close["id"]]
    )
    _enter(body, "IN", note)
    _days(body, 3)


def _of_the_centre(body: Body) -> None:
    """An advisory of the node's own, and members who poll."""
    advice = sdo(
        "course-of-action", name="Block STEPPE HERON mail hosts", description="Block the listed hosts at mail gateways; report hits."
    )
    _enter(body, "SCO-CENTRE", advice, sdo("campaign", name="STEPPE HERON, autumn", aliases=["HERON-21"]))
    _techniques(body)
    for name, count, day in (("Controller", 3, 12), ("domain 01", 41, 13), ("domain 03", 7, 13), ("domain 05", 1, 11)):
        seen = sighting(
            _named(body, "indicator", name), count=count, last_seen=f"2021-11-{day}T02:10:00Z", first_seen="2021-11-10T00:00:00Z"
        )
        _enter(body, "SCO-CENTRE", seen, named=False)
    for code in ("KZ", "UZ", "IR"):
        Member(body, code).polls()
    proposals.propose_agreement(body.world, _next_version(), Person(party="SCO-CENTRE", id="own.agreement-officer"))
    _seen_to(body)
    _days(body, 0.4)


def _of_the_register(body: Body) -> None:
    """Iran accedes and one document is late; sources differ about Tajikistan; a contact, a ping that waits and one that was answered."""
    begun = body.clock.at - timedelta(days=14)
    documents = (("Charter", begun + timedelta(days=7)), ("Agreement on information security", None), ("Convention", None))
    made = acceding.start(
        body.world, "IR", "member", by="own.administrator", on=begun, documents=documents, note="by letter of the capital"
    )
    for kind, title in (("launch", ""), ("document", "Convention")):
        step = Step(kind=kind, party=body.world.settings.party, on=begun + timedelta(days=1), document=title)
        acceding.take(body.world, made.accession, step, by="own.administrator")
    positions = (
        Position(source="a news page", says="absent from the list"),
        Position(source="the charter", says="member since 2001-06-15"),
    )
    dispute = Dispute(about="List of members", body="sco", parties=("TJ",), positions=positions, held="member since 2001-06-15")
    registering.take(body.world, Entries(disputes=(dispute,)), by="own.administrator")
    told = {"team": "KZ-CERT", "mail": "cert@kz.example", "timezone": "UTC+5", "emergency": "+7 700 000 00 01", "hours": "Mon-Fri 9-18"}
    set_contact(body.world, "KZ", told, by="own.administrator")
    for _ in range(2):
        sent = pings.send(body.world, "KZ", Person(party=body.world.settings.party, id="own.duty-officer"))
        body.clock.at += timedelta(seconds=90)
    pings.answer(body.world, sent.ping, Person(party="KZ", id="kz.duty"))


def _techniques(body: Body) -> None:
    """Three techniques of ATT&CK, two of them tied to what was seen."""
    found = [
        sdo(
            "attack-pattern", name=name, external_references=[{"source_name": "mitre-attack", "external_id": id_}],
            kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": tactic}],
        )
        for id_, name, tactic in (
            ("T1566", "Phishing", "initial-access"), ("T1566.002", "Spearphishing Link", "initial-access"), ("T1486", "Encryption", "impact"),
        )
    ]  # fmt: skip
    ours = [sdo("intrusion-set", name="HERON crew"), sdo("tool", name="mail kit")]
    ties = [
        relationship(ours[0]["id"], found[0]["id"]),
        relationship(ours[1]["id"], found[0]["id"]),
        relationship(ours[0]["id"], found[1]["id"]),
    ]
    _enter(body, "SCO-CENTRE", *found, *ours, *ties)


def _next_version() -> str:
    """The agreement as somebody would like it next: observers get reports too, and keep everything for a year."""
    text = samples.read("sco-ict-sample.toml").decode().replace("version = 1", "version = 2", 1)
    return text.replace('types = ["indicator", "@observables"]', 'types = ["indicator", "report", "@observables"]').replace(
        '"P6M"', '"P1Y"'
    )


def _seen_to(body: Body) -> None:
    """What the centre's people made of the first that arrived."""
    analyst, officer = (users.find(body.world, f"own.{role}") for role in ("analyst", "duty-officer"))
    arrived = {row.id: micros(body.clock()) for row in body.world.store.by_type("indicator") if row.origin != body.world.settings.party}
    first, second, third, *_ = ({id_: at} for id_, at in arrived.items())
    for objects, state, why in ((first, "accepted", ""), (second, "filed", ""), (third, "disputed", "This host serves updates of ours.")):
        triage.decide(body.world, analyst, objects, state, since=body.clock(), why=why)
    triage.assign(body.world, officer, dict(list(arrived.items())[3:5]), analyst.name, since=body.clock())
    left = shifts.Handover(
        user=officer.name, since=shifts.begun(body.world, officer), until=body.clock(), note="Watch GREYDUNE: UZ expects a second wave.",
        arrived=len(arrived) - 3, more=False, settled={}, objects=tuple(arrived)[3:5], requests=(),
    )  # fmt: skip
    shifts.hand_over(body.world, officer, left)


def ids(body: Body) -> list[str]:
    """The objects to look at: an indicator with two versions, a report, one in another script, an agreement, a family."""
    looked = (
        ("indicator", "Controller"),
        ("malware", "GREYDUNE"),
        ("report", "GREYDUNE"),
        ("indicator", "Cyrillic"),
        ("comity-agreement", ""),
    )
    return [_named(body, type_, name) for type_, name in looked]


def _named(body: Body, type_: str, name: str) -> str:
    """The id of the first object of a type with this in its name."""
    for row in body.world.store.by_type(type_):
        if name in str(msgspec.json.decode(body.world.store.bodies([row.item])[row.item]).get("name", "")):
            return row.id
    raise LookupError(f"no {type_} is called {name}")


def parts(body: Body) -> dict[str, list[str]]:
    """What stands for the other parts of paths: name of the part -> what this body has for it."""
    values = ["203[.]0[.]113[.]77", "https://portal.example/login?next=%2Fadmin", CYRILLIC, "unheard-of.example", "me@mail.example", "n/a"]
    mine = asked.keep(body.world, users.find(body.world, "own.analyst"), values)
    return {
        "list": [mine],
        "handover": [name for name, _ in shifts.handovers(body.world, body.world.settings.party)],
        "index": ["0", str(body.world.store.head().size - 1)],
        "ref": ["sco-ict-sample@1"],
        "party": ["KZ"],
        "request": [one.request.approval.id for one in approvals.standing(body.desk, _reader("KZ"))],
    }
