"""Drawing: templates, style sheet and scripts under their content's hash, and the headers of every answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from comity.doors.web import built, foreign, items, keys, sheets, show
from comity.doors.web.words import Foreign, Words, choose, offered

#: `same-origin`, not `no-referrer`: under the latter browsers send `Origin: null` with our own form.
HEADERS = {
    "content-security-policy": built.policy([]),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
#: What the address may choose and a cookie keeps: the language, and the theme.
LANGUAGE_COOKIE, THEME_COOKIE = "comity_lang", "comity_theme"
#: The empty one is the system's own.
THEMES = ("", "light", "dark")
_MEDIA = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}


def _assets() -> dict[str, tuple[str, bytes]]:
    """Name -> (name under its hash, bytes) of what stands in `static/`."""
    found = {sheets.NAME: _hashed(sheets.NAME, sheets.whole())}
    for file in files(__package__).joinpath("static").iterdir():
        if file.is_file() and not file.name.endswith(".css"):
            found[file.name] = _hashed(file.name, file.read_bytes())
    if built.LICENCES in built.FILES:
        found[built.LICENCES] = _hashed(built.LICENCES, built.FILES[built.LICENCES])
    return found


def _hashed(name: str, data: bytes) -> tuple[str, bytes]:
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:16]}.{ending}", data


ASSETS = _assets()
#: What is served: our own files, and the scripts, which the build named by their content.
_BY_HASH = {**dict(ASSETS.values()), **{name: data for name, data in built.FILES.items() if name.endswith(".js")}}


def _settled(printed: Any) -> Any:
    """What a template prints: no control character or direction override of others' gets past here, whatever filter was forgotten."""
    if isinstance(printed, Markup):
        return show.settled(printed)
    if isinstance(printed, Foreign):
        return foreign.marked(printed)
    return show.clean(printed) if isinstance(printed, str) else printed


def _worded(shown: Callable[[str, Words | None], Markup]) -> Callable[[Context, str], Markup]:
    """A filter that says a word of its own, in the page's language."""

    @jinja2.pass_context
    def filtered(context: Context, text: str) -> Markup:
        return shown(text, context.get("t"))

    return filtered


@jinja2.pass_context
def _key_of(context: Context, name: str) -> str:
    """The key of a shortcut: what the person chose, or the usual one."""
    mine: Mapping[str, str] = context.get("keymap") or {}
    return mine.get(name) or keys.usual(name)


@jinja2.pass_context
def _keyed(context: Context, name: str) -> Markup:
    """The attribute by which an element has a shortcut."""
    return Markup(' data-key="{}"').format(_key_of(context, name))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("comity.doors.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_settled,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("address", "asked", "day", "indented", "line", "moment", "pattern"):
        environment.filters[name] = getattr(show, name)
    environment.filters.update(prose=_worded(show.prose), told=_worded(show.told), value=_worded(show.value))
    environment.globals.update(
        asset=lambda name: f"/static/{ASSETS[name][0]}",
        key_acts=tuple(keys.ACTS),
        key_of=_key_of,
        keyed=_keyed,
        languages=offered,
        licences=built.LICENCES if built.LICENCES in ASSETS else None,
        properties=items.properties,
        titled=items.titled,
        unsaid=items.unsaid,
    )
    return environment


TEMPLATES = _environment()


def language(request: Request) -> Words:
    """The words to answer a request with."""
    asked, kept = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
    return Words(choose(asked, kept, request.headers.get("accept-language", "")))


def draw(request: Request, template: str, data: Mapping[str, Any], status: int = 200) -> Response:
    """A page."""
    words = language(request)
    others = [(key, text) for key, text in request.query_params.multi_items() if key not in ("lang", "theme")]
    asked, kept = request.query_params.get("theme"), request.cookies.get(THEME_COOKIE, "")
    theme = next((name for name in (asked, kept) if name in THEMES), "")
    loaded = built.Loaded()
    context = {
        **data,
        "script": loaded,
        "t": words,
        "here": data.get("here", request.url.path),
        "params": others,
        "changed": partial(_changed, others),
        "query": urlencode(others),
        "in_language": {tag: "?" + urlencode([*others, ("lang", tag)]) for tag in offered()},
        "theme": theme,
        "in_theme": {name: "?" + urlencode([*others, ("theme", name)]) for name in THEMES},
    }
    body = foreign.isolated(TEMPLATES.get_template(template).render(context))
    headers = {
        **HEADERS,
        "content-security-policy": loaded.policy(),
        "content-language": words.lang,
        "vary": "Accept-Language, Cookie",
        "cache-control": "no-store",
    }
    response = Response(body, status, headers, "text/html; charset=utf-8")
    _keep(request, response, LANGUAGE_COOKIE, words.lang if request.query_params.get("lang") in offered() else None)
    _keep(request, response, THEME_COOKIE, asked if asked in THEMES else None)
    return response


def _changed(params: Sequence[tuple[str, str]], **given: object) -> str:
    """The address of a page with some parameters changed: to a text or a number, to each of a list, or (None) to nothing."""
    kept = [(key, text) for key, text in params if key not in given]
    for key, value in given.items():
        kept += [(key, str(each)) for each in (value if isinstance(value, (list, tuple)) else [value]) if each is not None]
    return "?" + urlencode(kept)


def _keep(request: Request, response: Response, cookie: str, chosen: str | None) -> None:
    """Keep a choice that the address made."""
    if chosen is not None:
        secure = request.url.scheme == "https"
        response.set_cookie(cookie, chosen, max_age=31_536_000, httponly=True, samesite="lax", secure=secure)


def static(request: Request) -> Response | None:
    """What stands in `static/` under a name that its content's hash is part of: it can be kept for ever. None for other names."""
    name = request.path_params["name"]
    if name not in _BY_HASH:
        return None
    headers = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
    return Response(_BY_HASH[name], 200, headers, _MEDIA[name.rpartition(".")[2]])
