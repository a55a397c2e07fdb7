"""An identity provider: who it vouches for is who signs in, and nothing else that it or anybody says is taken."""

from __future__ import annotations

import time
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from comity import clock
from comity.config import Oidc
from comity.errors import NotAuthenticated, OperatorFault, PeerFault
from comity.peer.oidc import Provider
from tests.provider import provided

pytestmark = pytest.mark.loop
BACK = "http://localhost/sign-in/oidc/back"


@pytest.fixture
def there():
    with provided() as provider:
        yield provider


def here(there, **options) -> Provider:
    return Provider(Oidc(issuer=there.issuer, client="comity", **options), clock.now)


def answer(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def signs_in(ours, there, **changes):
    begun = ours.begin(BACK)
    return ours.finish(BACK, begun.kept, {**answer(there.authorize(begun.url)), **changes})


def test_who_is_signed_in_is_issuer_and_subject(there):
    assert signs_in(here(there), there) == (there.issuer, "42")


def test_a_client_with_a_secret_shows_it(there, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    assert signs_in(here(there, secret_file=str(tmp_path / "secret")), there)
    with pytest.raises(OperatorFault):
        signs_in(here(there, secret_file=str(tmp_path / "none")), there)


def test_each_question_is_another(there):
    ours = here(there)
    one, two = ours.begin(BACK), ours.begin(BACK)
    assert not set(one.kept.values()) & set(two.kept.values())
    assert one.kept["verifier"] not in one.url


@pytest.mark.parametrize(
    "changes", [{"state": "another"}, {"state": ""}, {"iss": "https://evil.example"}, {"code": "made up"}, {"state": "\udcff"}]
)
def test_an_answer_to_another_question_is_none(there, changes):
    with pytest.raises((NotAuthenticated, PeerFault)):
        signs_in(here(there), there, **changes)


def test_what_was_asked_in_one_browser_is_not_answered_in_another(there):
    ours = here(there)
    victim, attacker = ours.begin(BACK), ours.begin(BACK)
    stolen = answer(there.authorize(attacker.url))
    with pytest.raises(NotAuthenticated):
        ours.finish(BACK, victim.kept, stolen)
    with pytest.raises(PeerFault):  # and with the state put right, the verifier does not fit
        ours.finish(BACK, victim.kept, {**stolen, "state": victim.kept["state"]})


def test_an_error_instead_of_a_code(there):
    ours = here(there)
    begun = ours.begin(BACK)
    with pytest.raises(NotAuthenticated):
        ours.finish(BACK, begun.kept, {"state": begun.kept["state"], "error": "access_denied"})


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": ["comity", "another"]}, {"aud": None}, {"iss": "https://evil.example"},
        {"iss": None}, {"exp": int(time.time()) - 3600}, {"exp": None}, {"sub": None}, {"sub": ""}, {"sub": 42}, {"sub": "x" * 300},
        {"azp": "another"}, {"at_hash": "wrong"}, {"nbf": int(time.time()) + 3600},
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_now_is_none(there, claims):
    there.claims = claims
    with pytest.raises(NotAuthenticated):
        signs_in(here(there), there)


@pytest.mark.parametrize("how", ["none", "secret", "stranger"])
def test_a_token_that_the_provider_did_not_sign_is_none(there, how):
    if how == "none":
        there.algorithm = "none"
    elif how == "secret":
        there.with_the_clients_secret()
    else:
        there.key = ECKey.generate_key("P-256", {"kid": "one"})
    with pytest.raises(NotAuthenticated):
        signs_in(here(there), there)


def test_a_new_key_is_looked_up(there):
    ours = here(there)
    signs_in(ours, there)
    there.key = ECKey.generate_key("P-256", {"kid": "one"})
    there.published = [there.key]
    assert signs_in(ours, there)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "ftp://x"},
    ],
)
def test_a_provider_that_is_not_what_it_should_be(there, metadata):
    there.metadata = metadata
    with pytest.raises((PeerFault, NotAuthenticated)):
        signs_in(here(there), there)


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://127.0.0.1", "id.example", "http://127.0.0.1:1"])
def test_a_provider_that_cannot_be_asked(issuer):
    with pytest.raises(PeerFault):
        Provider(Oidc(issuer=issuer, client="comity"), lambda: datetime.now().astimezone()).begin(BACK)
