"""A stand-in for a MISP server: it answers what MISP's OpenAPI describes, keeps its state in memory, and fails when told to.

Not MISP: written from its published API description and documentation, so that a link can be tried without one. It has what a link may
stumble over: who may see which event, parts that are deleted softly, edits that must be newer, sightings that cannot be made twice alike.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import uvicorn
from pymisp.abstract import describe_types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.inside import Inside

URL = "https://misp.example/"
KEY = "k" * 40
OURS = {"id": "2", "uuid": "00000000-0000-4000-8000-0000000000aa", "name": "KZ"}
THEIRS = {"id": "1", "uuid": "00000000-0000-4000-8000-0000000000bb", "name": "UZ"}
OTHER = {"id": "3", "uuid": "00000000-0000-4000-8000-0000000000cc", "name": "IN"}
NOON = 1_635_768_000  # 2021-11-01T12:00:00Z

Part = dict[str, Any]
_ids = itertools.count(1)


def attribute(value: str = "bad.example", type_: str = "domain", **more: Any) -> Part:
    """An attribute; `to_ids` unless it says otherwise."""
    defaults = {
        "category": "Network activity",
        "to_ids": True,
        "timestamp": str(NOON),
        "distribution": "5",
        "deleted": False,
        "comment": "",
    }
    return {"id": str(next(_ids)), "uuid": str(uuid.uuid4()), "type": type_, "value": value, "object_id": "0", **defaults, **more}


class Fault:
    """So many answers to requests whose path begins so are this one instead, after the first `skip` of them."""

    def __init__(self, path: str, status: int, times: int = 1, *, skip: int = 0, body: Any = None, **headers: str) -> None:
        self.path, self.status, self.times, self.skip, self.body, self.headers = path, status, times, skip, body, headers

    def strikes(self, path: str) -> bool:
        """Whether it is this request's turn."""
        if not path.startswith(self.path) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class StandIn:
    """A server with one user, of the organisation `OURS`. `asked` are the requests: (method, path, body)."""

    def __init__(self, **role: bool) -> None:
        self.role = {"id": "3", "name": "Publisher", "perm_add": True, "perm_sighting": True, "perm_sync": False, **role}
        self.events: dict[str, Part] = {}
        self.groups: list[Part] = []
        self.sightings: list[Part] = []
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.dropped: list[Part] = []
        self.now = NOON
        self.sorts = True
        self.most_attributes: int | None = None
        paths = {
            "/servers/getVersion": self._version, "/users/view/me": self._me, "/attributes/describeTypes.json": self._types,
            "/events/index": self._index, "/events/restSearch": self._search, "/attributes/restSearch": self._attributes,
            "/objects/restSearch": self._objects, "/events/add": self._add,
            "/events/add/metadata:1": self._add, "/events/edit/{id}": self._edit, "/events/edit/{id}/metadata:1": self._edit,
            "/sightings/restSearch": self._search_sightings, "/sightings/add/{id}": self._sight,
            "/sharingGroups/index": self._groups,
        }  # fmt: skip
        self.app = Starlette(routes=[Route(path, self._answering(handler), methods=["GET", "POST"]) for path, handler in paths.items()])

    def holds(self, *attributes: Part, org: Part = THEIRS, **more: Any) -> Part:
        """An event of somebody's, published now."""
        self.now += 1
        event = {
            "id": str(next(_ids)), "uuid": str(uuid.uuid4()), "info": "An event", "date": "2021-11-01", "timestamp": str(self.now),
            "publish_timestamp": str(self.now), "published": True, "distribution": "1", "sharing_group_id": "0", "threat_level_id": "2",
            "analysis": "1", "Org": org, "Orgc": org, "Attribute": list(attributes), "Object": [], "Tag": [], **more,
        }  # fmt: skip
        self.events[event["uuid"]] = event
        return event

    def changes(self, event: Part, **more: Any) -> None:
        """Change an event, and publish it again."""
        self.now += 1
        event.update({"timestamp": str(self.now), "publish_timestamp": str(self.now), "published": True, **more})

    def group(self, id_: str, *orgs: Part, **more: Any) -> Part:
        """A sharing group."""
        members = [{"id": str(next(_ids)), "org_id": org["id"], "extend": False, "Organisation": org} for org in orgs]
        found = {"SharingGroup": {"id": id_, "uuid": str(uuid.uuid4()), "name": f"group {id_}", "active": True, "roaming": False, **more}}
        self.groups.append(found | {"SharingGroupOrg": members, "SharingGroupServer": []})
        return self.groups[-1]

    def sees(self, found: Part, org: Part = THEIRS, type_: str = "0", at: int | None = None) -> Part:
        """Somebody's sighting of an attribute."""
        event = next(each for each in self.events.values() if found in each["Attribute"])
        made = {
            "id": str(next(_ids)), "uuid": str(uuid.uuid4()), "attribute_id": found["id"], "event_id": event["id"], "org_id": org["id"],
            "date_sighting": str(at or self.now), "source": "", "type": type_, "Organisation": org,
        }  # fmt: skip
        self.sightings.append(made)
        return made

    def transport(self) -> httpx2.MockTransport:
        """The way to it without a network."""
        client = Inside(self.app, base_url=URL)

        def carry(request: httpx2.Request) -> httpx2.Response:
            given = client.request(request.method, str(request.url), headers=request.headers, content=request.content)
            return httpx2.Response(given.status_code, headers=given.headers, content=given.content)

        return httpx2.MockTransport(carry)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Served on loopback, while it is used; its URL."""
        server = uvicorn.Server(uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        began = time.monotonic()
        while not server.started:
            assert time.monotonic() - began < 30
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(timeout=15)

    # What every request goes through

    def _answering(self, handler: Any) -> Any:
        async def answer(request: Request) -> Response:
            raw = await request.body()
            body = json.loads(raw) if raw else {}
            self.asked.append((request.method, request.url.path, body))
            for fault in self.faults:
                if fault.strikes(request.url.path):
                    return JSONResponse(fault.body or _error("told to fail"), fault.status, headers=fault.headers)
            if request.headers.get("Authorization") != KEY:
                return JSONResponse(_error("Authentication failed. Please make sure you pass the API key of an API enabled user"), 403)
            return handler(body, request.path_params.get("id", ""))  # type: ignore[no-any-return]

        return answer

    def _visible(self, part: Part, owner: Part) -> bool:
        level = str(part.get("distribution", "5"))
        if level == "4":
            return owner["id"] == OURS["id"] or any(
                each["org_id"] == OURS["id"]
                for group in self.groups
                if group["SharingGroup"]["id"] == str(part.get("sharing_group_id"))
                for each in group["SharingGroupOrg"]
            )
        return level != "0" or owner["id"] == OURS["id"]

    def _seen(self, event: Part, *, deleted: bool) -> Part:
        """An event as the user sees it."""
        owner = event["Orgc"]

        def shown(parts: list[Part]) -> list[Part]:
            found = [each for each in parts if self._visible(each, owner) and (deleted or not each.get("deleted"))]
            return [{**each, "Attribute": shown(each["Attribute"])} if "Attribute" in each else dict(each) for each in found]

        whole = {**event, "Attribute": shown(event["Attribute"]), "Object": shown(event["Object"])}
        for part in whole["Attribute"]:
            part["Sighting"] = [each for each in self.sightings if each["attribute_id"] == part["id"]]
        group = next((each for each in self.groups if each["SharingGroup"]["id"] == event["sharing_group_id"]), None)
        if group and event["distribution"] == "4":
            whole["SharingGroup"] = {**group["SharingGroup"], "SharingGroupOrg": group["SharingGroupOrg"]}
        return whole

    # The endpoints

    def _version(self, body: Part, _: str) -> Response:
        return JSONResponse({"version": "2.5.34", "pymisp_recommended_version": "2.5.34", "perm_sync": self.role["perm_sync"]})

    def _me(self, body: Part, _: str) -> Response:
        user = {"id": "7", "org_id": OURS["id"], "email": "link@kz.example", "role_id": "3"}
        return JSONResponse({"User": user, "Role": self.role, "UserSetting": [], "Organisation": OURS})

    def _types(self, body: Part, _: str) -> Response:
        return JSONResponse({"result": describe_types})

    def _index(self, body: Part, _: str) -> Response:
        found = [each for each in self.events.values() if self._visible(each, each["Orgc"])]
        for key in ("timestamp", "publish_timestamp"):
            if key in body:
                found = [each for each in found if int(each[key]) >= int(body[key])]
        if body.get("published"):
            found = [each for each in found if each["published"]]
        wanted = [tag for tag in body.get("tags", ()) if not tag.startswith("!")]
        barred = [tag[1:] for tag in body.get("tags", ()) if tag.startswith("!")]
        names = {each["uuid"]: {tag["name"] for tag in each["Tag"]} for each in found}
        found = [each for each in found if (not wanted or names[each["uuid"]] & set(wanted)) and not names[each["uuid"]] & set(barred)]
        if self.sorts and "sort" in body:
            found.sort(key=lambda each: int(each[body["sort"]]))
        else:
            found.sort(key=lambda each: -int(each["id"]))
        if "limit" in body:
            start = (int(body.get("page", 1)) - 1) * int(body["limit"])
            found = found[start : start + int(body["limit"])]
        keys = ("id", "uuid", "info", "timestamp", "publish_timestamp", "published", "Orgc")
        return JSONResponse([{**{key: each[key] for key in keys}, "attribute_count": str(_count(each))} for each in found])

    def _search(self, body: Part, _: str) -> Response:
        wanted = body.get("uuid", [])
        wanted = [wanted] if isinstance(wanted, str) else wanted
        found = [each for each in self.events.values() if each["uuid"] in wanted and self._visible(each, each["Orgc"])]
        if body.get("metadata"):
            bare = [{key: value for key, value in each.items() if key not in ("Attribute", "Object")} for each in found]
            return _response([{"Event": each | {"attribute_count": str(_count(full))}} for each, full in zip(bare, found)])
        if self.most_attributes is not None and sum(map(_count, found)) > self.most_attributes:
            return JSONResponse(_error("Allowed memory size exhausted"), 500)
        return _response([{"Event": self._seen(each, deleted=1 in body.get("deleted", ()))} for each in found])

    def _parts(self, body: Part, key: str) -> list[Part]:
        event = self._seen(self.events[body["eventid"]], deleted=1 in body.get("deleted", ()))
        inner = [each for holder in event["Object"] for each in holder["Attribute"]] if key == "Attribute" else []
        start = (int(body["page"]) - 1) * int(body["limit"])
        return [*event[key], *inner][start : start + int(body["limit"])]

    def _attributes(self, body: Part, _: str) -> Response:
        return _response({"Attribute": self._parts(body, "Attribute")})

    def _objects(self, body: Part, _: str) -> Response:
        return _response([{"Object": each} for each in self._parts(body, "Object")])

    def _add(self, body: Part, _: str) -> Response:
        event = dict(body["Event"])
        if not self.role["perm_add"]:
            return JSONResponse(_error("You do not have permission to use this functionality."), 403)
        if event["uuid"] in self.events:
            return JSONResponse(_error("Event already exists, if you would like to edit it, use the url in the location header."), 404)
        if str(event.get("distribution")) == "4" and not any(g["SharingGroup"]["id"] == event.get("sharing_group_id") for g in self.groups):
            return JSONResponse({"errors": {"sharing_group_id": ["Invalid sharing group"]}, "saved": False}, 403)
        whole = {
            "id": str(next(_ids)),
            "sharing_group_id": "0",
            "publish_timestamp": "0",
            "Object": [],
            "Tag": [],
            "EventReport": [],
            **event,
        }
        if not self.role["perm_sync"]:
            whole |= {"Orgc": OURS, "Org": OURS}
        whole["Attribute"] = [each for each in map(self._kept, event.get("Attribute", ())) if each]
        whole["Object"] = [{**each, "Attribute": [kept for kept in map(self._kept, each["Attribute"]) if kept]} for each in whole["Object"]]
        self.events[event["uuid"]] = whole
        return JSONResponse({"Event": {key: value for key, value in whole.items() if key not in ("Attribute", "Object")}})

    def _edit(self, body: Part, id_: str) -> Response:
        event, there = body["Event"], self.events.get(id_)
        if there is None or (there["Orgc"]["id"] != OURS["id"] and not self.role["perm_sync"]):
            return JSONResponse(_error("You do not have permission to do that."), 403)
        if int(event["timestamp"]) <= int(there["timestamp"]):
            said = "Event could not be saved: Event in the request not newer than the local copy."
            return JSONResponse(_error(said), 405)
        there |= {key: event[key] for key in ("info", "date", "timestamp", "published", "distribution", "analysis") if key in event}
        there["Tag"] += [tag for tag in event.get("Tag", ()) if tag["name"] not in {each["name"] for each in there["Tag"]}]
        self._merge(there["Attribute"], event.get("Attribute", ()))
        for holder in event.get("Object", ()):
            mine = next((each for each in there["Object"] if each["uuid"] == holder["uuid"]), None)
            if mine is None:
                there["Object"].append(holder)
            else:
                self._merge(mine["Attribute"], holder["Attribute"])
        return JSONResponse({"Event": {key: value for key, value in there.items() if key not in ("Attribute", "Object")}})

    def _merge(self, there: list[Part], parts: Any) -> None:
        for each in filter(None, map(self._kept, parts)):
            at = next((at for at, mine in enumerate(there) if mine["uuid"] == each["uuid"]), None)
            if at is None:
                there.append(each)
            elif int(each["timestamp"]) > int(there[at]["timestamp"]):
                there[at] = {**there[at], **each}

    def _kept(self, part: Part) -> Part | None:
        """An attribute as it is kept; one that MISP would find invalid is dropped, which the answer does not say."""
        fits = part.get("category", describe_types["sane_defaults"].get(part["type"], {}).get("default_category"))
        if part["type"] not in describe_types["category_type_mappings"].get(fits, ()) or "Sighting" in part:
            self.dropped.append(part)
            return None
        return {"id": str(next(_ids)), "deleted": False, "object_id": "0", **part, "category": fits}

    def _search_sightings(self, body: Part, _: str) -> Response:
        if "from" not in body or "to" not in body:
            return _response([])  # MISP then looks only at the last days
        found = [each for each in self.sightings if int(body["from"]) <= int(each["date_sighting"]) <= int(body["to"])]
        if "org_id" in body:
            found = [each for each in found if each["Organisation"]["uuid"] == body["org_id"]]
        return _response([{"Sighting": {**each, **self._about(each)}} for each in found])

    def _about(self, sighting: Part) -> Part:
        event = next(each for each in self.events.values() if each["id"] == sighting["event_id"])
        about = next(each for each in event["Attribute"] if each["id"] == sighting["attribute_id"])
        return {"Event": {key: value for key, value in event.items() if not isinstance(value, list)}, "Attribute": about}

    def _sight(self, body: Part, id_: str) -> Response:
        found = [part for event in self.events.values() for part in event["Attribute"] if part["uuid"] == id_]
        if not found:
            return JSONResponse(_error("Could not add the Sighting. Reason: No valid attributes found that match the criteria."), 403)
        made = self.sees(found[0], OURS, str(body.get("type", "0")), int(body["timestamp"]))
        made["source"] = body.get("source", "")
        return JSONResponse({"Sighting": made})

    def _groups(self, body: Part, _: str) -> Response:
        return _response(self.groups)


def _count(event: Part) -> int:
    return len(event["Attribute"]) + sum(len(holder["Attribute"]) for holder in event["Object"])


def _error(said: str) -> Part:
    return {"name": said, "message": said, "url": "/"}


def _response(found: Any) -> JSONResponse:
    return JSONResponse({"response": found})
