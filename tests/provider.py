"""A small OpenID provider on loopback: it signs in whoever is asked for, checks PKCE, and lies when told to."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey


class Provider:
    """Signs in as `subject`. `claims` change what its ID tokens say, `key` what they are signed with, `metadata` what it says of itself."""

    def __init__(self) -> None:
        self.subject = "42"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.key: Any = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.published = [self.key]
        self.algorithm = "ES256"
        self.asked: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def authorize(self, url: str) -> str:
        """What a browser does that is sent to the provider: where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["scope"] == "openid" and asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The token endpoint: None for a code that is used up, or a verifier that does not fit."""
        asked = self.asked.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        said = {"iss": self.issuer, "sub": self.subject, "aud": asked["client_id"], "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        said = {name: value for name, value in {**said, **self.claims}.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        if self.algorithm == "none":
            parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, said)]
            return {"access_token": "x", "id_token": ".".join([*parts, ""])}
        return {"access_token": "x", "token_type": "Bearer", "id_token": jwt.encode(header, said, self.key, [self.algorithm])}

    def with_the_clients_secret(self) -> None:
        """Sign as somebody could who knows what every client is told."""
        self.key, self.algorithm = OctKey.import_key("a secret that the client has, too, long enough"), "HS256"


@contextmanager
def provided() -> Iterator[Provider]:
    """The provider, served as long as this lasts."""
    provider = Provider()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            described = {
                "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize",
                "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
            }  # fmt: skip
            found = {
                "/.well-known/openid-configuration": {**described, **provider.metadata},
                "/keys": {"keys": [key.as_dict(private=False) for key in provider.published]},
            }
            self._answer(found.get(self.path))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            self._answer(provider.token({name: values[0] for name, values in form.items()}))

        def _answer(self, data: Any) -> None:
            body = json.dumps(data or {"error": "invalid_grant"}).encode()
            self.send_response(200 if data else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
