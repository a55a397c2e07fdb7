"""Clients that send forms as a browser does from our own pages: with the token of the page that the form is on."""

from __future__ import annotations

import re
from typing import Any

import httpx2

from comity.doors.web import forgery
from tests.inside import Inside

_SESSION = re.compile(r"(__Host-)?comity_[0-9a-f]{12}")
_GUEST = re.compile(r"(__Host-)?comity_[0-9a-f]{12}_guest")
#: The hidden field on a page.
SHOWN = re.compile(r'<input type="hidden" name="csrf" value="([0-9a-f]{64})">')


class _Sending(httpx2.Client):
    """`post` adds the token to a form that has none."""

    def post(self, url: Any, *, data: Any = None, **more: Any) -> Any:
        if "content" not in more:
            data = {forgery.FIELD: self.token(), **(data or {})}
        return super().post(url, data=data, **more)

    def token(self) -> str:
        """The token of the page that this browser would send a form from: of its session, else of the pages before there is one."""
        secret = self._held(_SESSION) or self._held(_GUEST)
        if secret is None:
            self.get("/sign-in")
            secret = self._held(_GUEST)
        assert secret is not None
        return forgery.token(secret)

    def _held(self, name: re.Pattern[str]) -> str | None:
        return next((cookie.value for cookie in self.cookies.jar if name.fullmatch(cookie.name)), None)


class Tab(_Sending, Inside):
    """A browser at an application in this process."""


class Remote(_Sending):
    """A browser at a node that listens."""
