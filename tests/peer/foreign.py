"""Servers of others, started on loopback in processes of their own with data of ours."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT_ID, READ, WRITE = "trust1", "52892447-4d7e-4f70-b94d-d7f22742ff63", "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
MEDIA = "application/taxii+json;version=2.1"

#: OpenTAXII with an account, an API root and a collection of its own making, filled through its own persistence. With SQLAlchemy 2.1 it
#: gives its ids to `json` as UUIDs, which that does not take.
_OPENTAXII = """
import json, sys
json.JSONEncoder.default = lambda self, value: str(value)
from opentaxii.cli import app
with app.app_context():
    server = app.taxii_server
    server.auth.api.create_account(username="kz", password="word")
    api = server.servers.taxii2.persistence.api
    root = api.add_api_root(title="root", default=True)
    collection = api.add_collection(api_root_id=root.id, title="all", alias="all", is_public=True, is_public_write=True)
    api.add_objects(api_root_id=root.id, collection_id=collection.id, objects=json.load(open(sys.argv[2]))["objects"])
app.run(port=int(sys.argv[1]), debug=False, use_reloader=False)
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], url: str, **more: str) -> Iterator[str]:
    """A server while it is used: started, waited for until it answers at all, stopped."""
    process = subprocess.Popen(command, env={**os.environ, **more}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        began = time.monotonic()
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": MEDIA}), timeout=2).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
                assert time.monotonic() - began < 60
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=15)


@contextmanager
def medallion(folder: Path, rows: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """medallion with one collection to read, of objects and the moments when they were added, and one to write to; its discovery URL."""
    port = free_port()
    manifest = [
        {"id": obj["id"], "date_added": moment, "version": obj["modified"], "media_type": "application/stix+json;version=2.1"}
        for moment, obj in rows
    ]
    common = {"description": "ours", "media_types": ["application/stix+json;version=2.1"], "can_read": True}
    data = {
        "/discovery": {
            "title": "ours",
            "default": f"http://127.0.0.1:{port}/{ROOT_ID}/",
            "api_roots": [f"http://127.0.0.1:{port}/{ROOT_ID}/"],
        },
        ROOT_ID: {
            "information": {"title": "root", "versions": [MEDIA], "max_content_length": 9_765_625},
            "status": [],
            "collections": [
                {"id": READ, "title": "read", "can_write": False, "objects": [obj for _, obj in rows], "manifest": manifest, **common},
                {"id": WRITE, "title": "write", "can_write": True, "objects": [], "manifest": [], **common},
            ],
        },
    }
    (folder / "data.json").write_text(json.dumps(data))
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": str(folder / "data.json")}
    config = {"backend": backend, "users": {"kz": "word"}, "taxii": {"max_page_size": 1000}}
    (folder / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "medallion.scripts.run", "--port", str(port), str(folder / "config.json")]
    with running(command, f"http://127.0.0.1:{port}/taxii2/") as url:
        yield url


@contextmanager
def opentaxii(folder: Path, objects: list[dict[str, Any]]) -> Iterator[str]:
    """OpenTAXII over SQLite with one collection to read and write; its discovery URL."""
    port = free_port()
    database = {"db_connection": f"sqlite:///{folder / 'o.db'}", "create_tables": True}
    config = {
        "domain": f"127.0.0.1:{port}",
        "support_basic_auth": True,
        "auth_api": {
            "class": "opentaxii.auth.sqldb.SQLDatabaseAPI",
            "parameters": {"db_connection": f"sqlite:///{folder / 'a.db'}", "create_tables": True, "secret": "x" * 32},
        },
        "taxii1": None,
        "taxii2": {
            "title": "ours", "max_content_length": 1_000_000, "public_discovery": True, "allow_custom_properties": True,
            "persistence_api": {"class": "opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI", "parameters": database},
        },
        "logging": {"root": "error"},
    }  # fmt: skip
    (folder / "config.yml").write_text(json.dumps(config))
    (folder / "objects.json").write_text(json.dumps({"objects": objects}))
    command = [sys.executable, "-c", _OPENTAXII, str(port), str(folder / "objects.json")]
    with running(command, f"http://127.0.0.1:{port}/taxii2/", OPENTAXII_CONFIG=str(folder / "config.yml")) as url:
        yield url
