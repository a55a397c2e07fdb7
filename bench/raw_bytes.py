"""The floor that `bench.serve` measures against: a server that reads bodies from the same SQLite file in the order of their stamps and
joins them. No authentication, no decision, no log, no versions; the same HTTP server, routing and thread hop as the real one.
"""

from __future__ import annotations

import sqlite3
import sys
import threading

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.doors.http import server

_PAGE = "SELECT added,body FROM items WHERE added>? AND type NOT IN ('comity-agreement','comity-standing') ORDER BY added LIMIT ?"


def main(path: str, port: str) -> None:
    """Serve a store file at any path until stopped."""
    local = threading.local()

    def page(after: int, limit: int) -> bytes:
        if not hasattr(local, "db"):
            local.db = sqlite3.connect(path, isolation_level=None)
            local.db.execute("PRAGMA cache_size=-16000")
        rows = local.db.execute(_PAGE, (after, limit + 1)).fetchall()
        head = b'{"more":true,"next":"%d","objects":[' % rows[limit - 1][0] if len(rows) > limit else b'{"more":false,"objects":['
        return head + b",".join([body for _, body in rows[:limit]]) + b"]}"

    async def objects(request: Request) -> Response:
        after, limit = int(request.query_params.get("next", "0")), int(request.query_params["limit"])
        return Response(await run_in_threadpool(page, after, limit), media_type="application/taxii+json;version=2.1")

    server(Starlette(routes=[Route("/{rest:path}", objects)]), "127.0.0.1", int(port)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
