"""Signing in through an identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636), state, nonce and issuer (RFC 9207).

Who somebody is there is issuer and subject, never a mail address or a name, which others may come to have.

    1. begin   the provider's addresses; a state, a nonce and a verifier that only this browser brings back
    2. answer  state and issuer as they should be, no error
    3. token   the code, with the verifier, for an ID token
    4. check   signature by a key of the provider's, issuer, audience, times, nonce
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from comity.clock import Clock
from comity.config import Oidc
from comity.errors import NotAuthenticated, OperatorFault, PeerFault
from comity.peer.channel import tls

#: Signatures that are taken: by a key that only the provider has, never by the client's own secret, never none.
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
_HERE = ("localhost", "127.0.0.1", "::1")
#: Seconds that the provider has for each answer, seconds for which its addresses and keys are kept, seconds by which clocks may differ.
_PATIENCE, _KEPT, _LEEWAY = 10.0, 3600.0, 60
_MOST = 1 << 20


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes, and what it has to bring back, sealed."""

    url: str
    kept: dict[str, str]


class _Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed of OpenID Connect Discovery 1.0 section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Provider:
    """The identity provider that the node's settings name."""

    def __init__(self, settings: Oidc, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._known: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, Any] | None = None

    def begin(self, back: str) -> Begun:
        """Step 1. `back` is where the provider sends the browser. Raises PeerFault."""
        kept = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}
        query = {
            "response_type": "code",
            "client_id": self._settings.client,
            "redirect_uri": back,
            "scope": "openid",
            "state": kept["state"],
            "nonce": kept["nonce"],
            "code_challenge": create_s256_code_challenge(kept["verifier"]),
            "code_challenge_method": "S256",
        }
        url = self._metadata().authorization_endpoint
        return Begun(url=f"{url}{'&' if '?' in url else '?'}{urlencode(query)}", kept=kept)

    def finish(self, back: str, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, str]:
        """Steps 2 to 4: (issuer, subject). Raises NotAuthenticated, PeerFault for a provider that does not do what it should."""
        metadata = self._metadata()
        # 2.
        if not hmac.compare_digest(answer.get("state", "").encode("utf-8", "replace"), kept["state"].encode()):
            raise NotAuthenticated("the answer is to another question", next="begin again")
        if answer.get("iss", metadata.issuer) != metadata.issuer:
            raise NotAuthenticated("the answer is another provider's", next="begin again")
        if "code" not in answer:
            raise NotAuthenticated("the provider did not sign you in", next="begin again, or sign in another way")
        # 3.
        token = self._token(metadata, back, kept["verifier"], answer["code"])
        # 4.
        return metadata.issuer, self._subject(metadata, token, kept["nonce"])

    def _token(self, metadata: _Metadata, back: str, verifier: str, code: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": self._settings.client,
            "code_verifier": verifier,
        }  # fmt: skip
        auth = (self._settings.client, self._secret()) if self._settings.secret_file else None
        found = self._call("POST", metadata.token_endpoint, data=form, auth=auth)
        if not isinstance(found, dict) or not isinstance(found.get("id_token"), str):
            raise PeerFault("the identity provider gave no ID token", next="tell its operator")
        return found

    def _subject(self, metadata: _Metadata, token: Mapping[str, Any], nonce: str) -> str:
        for fresh in (False, True):  # a key that is not known may be a new one
            try:
                decoded = jwt.decode(token["id_token"], KeySet.import_key_set(self._key_set(metadata, fresh=fresh)), _ALGORITHMS)
                break
            except (JoseError, ValueError) as error:
                if fresh:
                    raise NotAuthenticated(f"the ID token is not signed by the provider: {error}", next="begin again") from None
        options = {
            "iss": {"essential": True, "value": metadata.issuer},
            "aud": {"essential": True, "value": self._settings.client},
            "sub": {"essential": True},
        }
        params = {"nonce": nonce, "client_id": self._settings.client, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        try:
            claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY)
        except JoseError as error:
            raise NotAuthenticated(f"the ID token does not say what it must: {error}", next="begin again") from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise NotAuthenticated("the ID token names nobody", next="tell the provider's operator")
        return subject

    def _metadata(self) -> _Metadata:
        if self._known is None or time.monotonic() - self._known[0] > _KEPT:
            issuer = self._settings.issuer.rstrip("/")
            found = self._call("GET", f"{issuer}/.well-known/openid-configuration")
            try:
                metadata = msgspec.convert(found, _Metadata)
            except msgspec.ValidationError as error:
                raise PeerFault(f"the identity provider does not describe itself: {error}", next="check oidc.issuer in node.toml") from None
            if metadata.issuer.rstrip("/") != issuer:
                raise PeerFault(f"the identity provider says that it is {metadata.issuer!r}", next="check oidc.issuer in node.toml")
            self._known = (time.monotonic(), metadata)
        return self._known[1]

    def _key_set(self, metadata: _Metadata, *, fresh: bool) -> Any:
        if fresh or self._keys is None or time.monotonic() - self._keys[0] > _KEPT:
            self._keys = (time.monotonic(), self._call("GET", metadata.jwks_uri))
        return self._keys[1]

    def _call(self, method: str, url: str, **options: Any) -> Any:
        """One request to the provider; what it answers as JSON. Nowhere else, by no proxy, and never in the clear but on this machine."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise PeerFault(f"the identity provider's {url[:200]} is not https", next="check oidc.issuer in node.toml")
        try:
            with httpx2.Client(verify=tls(self._authorities()), trust_env=False, timeout=_PATIENCE, follow_redirects=False) as client:
                response = client.request(method, url, **{k: v for k, v in options.items() if v is not None})
        except httpx2.HTTPError as error:
            raise PeerFault(f"the identity provider does not answer: {error}", next="try again, or sign in another way") from None
        if response.status_code != 200 or len(response.content) > _MOST:
            raise PeerFault(f"the identity provider answered {response.status_code}", next="begin again, or sign in another way")
        try:
            return msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            raise PeerFault("the identity provider's answer is not JSON", next="tell its operator") from None

    def _secret(self) -> str:
        return _file(self._settings.secret_file, "oidc.secret_file").strip()

    def _authorities(self) -> str:
        return _file(self._settings.ca, "oidc.ca") if self._settings.ca else ""


def _file(path: str, setting: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise OperatorFault(f"cannot read {path}: {error.strerror}", next=f"check {setting} in node.toml") from None
