"""Who is asking: HTTP Basic and Bearer tokens (model.md, Tokens). Nothing follows from network position."""

from __future__ import annotations

import base64

from comity.admin.tokens import APPROVE, Token, authenticate
from comity.errors import Denied, NotAuthenticated
from comity.world import World


def principal(world: World, authorization: str | None) -> Token:
    """The token behind an Authorization header. Raises NotAuthenticated."""
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return authenticate(world, rest.strip())
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        except ValueError:  # not base64, not ASCII, or not UTF-8 within
            raise NotAuthenticated("the Authorization header is not valid HTTP Basic") from None
        return authenticate(world, password, user)
    raise NotAuthenticated("send a token with HTTP Basic or Bearer")


def check_scope(token: Token, scope: str) -> None:
    """Refuse a token that was not issued for a scope. Raises Denied."""
    if scope == APPROVE and not token.user:
        raise Denied("a tool may not approve, object or revoke (guardrail G10)", next="a person may, with a token of their own for approve")
    if scope not in token.scopes:
        raise Denied(f"this token was not issued for {scope}", next="ask the node's operator for one that is")
