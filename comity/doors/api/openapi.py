"""The OpenAPI 3.1 document of the API, made from its operations and from the types they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from comity import __version__
from comity.doors.api.declare import CSV, JSON, NDJSON, PATH_PARTS, Operation
from comity.wire import Problem

_REFS = "#/components/schemas/{name}"
#: What each status says, and when an operation may give it.
_REFUSALS = {
    "400": "A parameter or the body is malformed.",
    "401": "No token came with the request, or none that is good now.",
    "403": "The token was not issued for this, or it is not this party's business.",
    "404": "There is no such thing, or the party may not see it: the same.",
    "406": "No answer in a form that the Accept header names.",
    "408": "The body did not arrive in time.",
    "409": "It has its outcome already.",
    "413": "The body is too large.",
    "415": "A body of this type is not taken.",
    "500": "The node has a problem.",
}


def document(operations: Iterable[Operation], prefix: str) -> dict[str, Any]:
    """The whole document; paths stand below `prefix`."""
    operations = list(operations)
    types = [type_ for operation in operations for type_ in _named(operation)]
    _, schemas = msgspec.json.schema_components(list(dict.fromkeys([Problem, *types])), ref_template=_REFS)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(prefix + operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Comity",
            "version": __version__,
            "summary": "Threat intelligence shared by declared agreement.",
            "description": "A token acts for one party and sees what the agreements let that party see. What it may not see is, to it, not "
            "there. Lists have `limit` and `next`; `next` is opaque. Refusals are problem details (RFC 9457) that say whose fault it is "
            "and what to do next.",
        },
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token of this node."},
                "basic": {"type": "http", "scheme": "basic", "description": "The party's code or the token's name, and the token."},
            },
        },
    }


def _named(operation: Operation) -> Iterator[type]:
    """The types that an operation's bodies and answers are of."""
    for shape in (*_kinds(operation.gives), operation.rows, *(content.shape for content in operation.takes)):
        if isinstance(shape, type):
            yield shape


def _kinds(gives: Any) -> tuple[Any, ...]:
    return gives if isinstance(gives, tuple) else (gives,)


def _schema(shape: Any) -> dict[str, Any]:
    """A reference to a type, one of several types, or a schema as it is."""
    if isinstance(shape, dict):
        return shape
    kinds = [{"$ref": _REFS.format(name=kind.__name__)} for kind in _kinds(shape)]
    return kinds[0] if len(kinds) == 1 else {"oneOf": kinds}


def _operation(operation: Operation) -> dict[str, Any]:
    scope = operation.scope
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.does,
        "description": f"{operation.detail} {f'Scope `{scope}`.' if scope else 'Any token.'}".strip(),
        "parameters": [*_path_parameters(operation.path), *_query_parameters(operation)],
        "responses": _responses(operation),
    }
    if operation.takes:
        said["requestBody"] = {"required": True, "content": {each.media: {"schema": _schema(each.shape)} for each in operation.takes}}
    if scope:
        said["security"] = [{"bearer": [scope]}, {"basic": [scope]}]
    return said


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        schema, text = PATH_PARTS[name]
        yield {"name": name, "in": "path", "required": True, "description": text, "schema": schema}


def _query_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    """The fields of the query type. Lists are one parameter, separated by commas."""
    for field in msgspec.structs.fields(operation.query):
        schema = msgspec.json.schema(field.type)
        said = {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
        if text := schema.pop("description", ""):
            said["description"] = text
        if schema.get("type") == "array":
            said |= {"style": "form", "explode": False}
        if field.default not in (msgspec.NODEFAULT, msgspec.UNSET, ()):
            schema["default"] = msgspec.to_builtins(field.default)
        yield said


def _responses(operation: Operation) -> dict[str, Any]:
    codes = ["400", "401", "406", "500"]
    codes += ["403"] if operation.scope or operation.denied else []
    codes += ["404"] if operation.missing else []
    codes += ["409"] if operation.conflict else []
    codes += ["408", "413", "415"] if operation.takes else []
    refusal = {"application/problem+json": {"schema": _schema(Problem)}}
    found = {code: {"description": _REFUSALS[code], "content": refusal} for code in sorted(codes)}
    if "401" in found:
        found["401"]["headers"] = {"WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}}
    content = {media: {"schema": _in(media, operation)} for media in operation.media}
    return {"200": {"description": operation.does, "content": content}, **found}


def _in(media: str, operation: Operation) -> dict[str, Any]:
    """The schema of an answer in a media type; lines and tables are texts, whose rows a description names."""
    if media == JSON or operation.rows is None:
        return _schema(operation.gives)
    row = operation.rows.__name__
    return {
        "type": "string",
        "description": f"One {row} a line." if media == NDJSON else f"One {row} a row, after a head." if media == CSV else "",
    }
