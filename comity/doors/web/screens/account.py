"""One's own account: what one signs in with, where one is signed in, how the pages look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from comity.admin import credentials, links, passkeys, sessions
from comity.admin.credentials import New, Subject
from comity.doors.web.asking import has_name, site
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.errors import Conflict, NotAuthenticated, NotFound

#: How long after signing in somebody may change how they sign in: a browser that was left open is not enough (ASVS 5.0, V7.5.1).
RECENT = timedelta(minutes=10)
_TEMPLATE = "screens/account.html"


def build(visit: Visit, refused: str = "") -> dict[str, Any]:
    """Ways to sign in, sessions, and whether the sign-in is recent. `refused` is the catalogue's key of why something was not done."""
    held, oidc = credentials.held(visit.world, visit.user.name), visit.world.settings.oidc
    return {
        "since": _moment(visit.user.created),
        "recent": _recent(visit),
        "refused": refused,
        "has_name": has_name(visit.request),
        "provider": oidc.title if oidc.issuer else "",
        "password": bool(held and held.password),
        "passkeys": [{"id": key.id.hex(), "label": key.label, "since": _moment(key.created)} for key in (held.passkeys if held else ())],
        "identities": [{"issuer": each.issuer, "subject": each.subject} for each in (held.subjects if held else ())],
        "sessions": [
            {
                "opened": _moment(each.opened), "seen": _moment(each.seen), "how": each.how, "agent": each.agent,
                "this": id_ == visit.signed.id,
            }
            for id_, each in sessions.of(visit.world, visit.user.name).items()
        ],
    }  # fmt: skip


def renew(visit: Visit, form: Form) -> Done | Again:
    """Choose another password and code generator, at a link made for oneself."""
    if not _recent(visit):
        return _again(visit, "account.recent")
    return Done(to=f"/enrol/{links.create(visit.world, visit.user.name, enrol=True, by=visit.user.name)}")


def add_passkey(visit: Visit, form: Form) -> Done | Again:
    """One more passkey."""
    if not _recent(visit):
        return _again(visit, "account.recent")
    try:
        made = passkeys.made(
            visit.world, site(visit.request), visit.user.name, form.text("sealed"), form.text("answer"), form.text("label")
        )  # fmt: skip
    except NotAuthenticated:
        return _again(visit, "passkey.failed")
    credentials.add(visit.world, visit.signed, New(passkey=made))
    return Done(to="/account")


def drop(visit: Visit, form: Form) -> Done | Again:
    """Take a passkey or an identity away. Raises NotFound for one that is not there."""
    if not _recent(visit):
        return _again(visit, "account.recent")
    try:
        way = bytes.fromhex(form.text("passkey")) or Subject(issuer=form.text("issuer"), subject=form.text("subject"))
        credentials.drop(visit.world, visit.signed, way)
    except ValueError:
        raise NotFound("you have no such way to sign in") from None
    except Conflict:
        return _again(visit, "account.only", 409)
    return Done(to="/account")


def end(visit: Visit, form: Form) -> Done:
    """End the session that was opened at a moment, or all but this one."""
    own = sessions.of(visit.world, visit.user.name)
    named = [id_ for id_, each in own.items() if _moment(each.opened) == form.text("opened")]
    sessions.end(visit.world, visit.user.name, named if form.text("opened") else None, but="" if named else visit.signed.id)
    return Done(to="/account")


def _recent(visit: Visit) -> bool:
    return visit.world.clock() - visit.signed.session.opened < RECENT


def _again(visit: Visit, refused: str, status: int = 422) -> Again:
    return Again(template=_TEMPLATE, data=build(visit, refused), status=status)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


PAGES = (Page(path="/account", template=_TEMPLATE, build=build, rows="sessions", nav="account"),)
ACTS = (
    Act(path="/account/renew", do=renew),
    Act(path="/account/passkey", do=add_passkey),
    Act(path="/account/drop", do=drop),
    Act(path="/account/sessions", do=end),
)
