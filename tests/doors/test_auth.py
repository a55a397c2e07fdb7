"""Who is asking: an Authorization header is a good token or one refusal."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.admin.tokens import create
from comity.doors.auth import check_scope, principal
from comity.errors import Denied, NotAuthenticated
from tests.consortium import Body


@pytest.fixture(scope="module")
def body():
    return Body()


@pytest.fixture(scope="module")
def made(body):
    return create(body.world, party="KZ", scopes=("taxii:read",), name="sensor", expires=body.clock() + timedelta(days=1))


def basic(text: str | bytes) -> str:
    return "Basic " + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def test_bearer(body, made):
    token, text = made
    assert principal(body.world, f"Bearer {text}") == token


@pytest.mark.parametrize("user", ["KZ", "kz", "sensor"])
def test_basic(body, made, user):
    token, text = made
    assert principal(body.world, basic(f"{user}:{text}")) == token


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_named_in_any_case(body, made, scheme):
    assert principal(body.world, f"{scheme} {made[1]}") == made[0]
    assert principal(body.world, f"BASIC {basic('KZ:' + made[1])[6:]}") == made[0]


def test_space_around_a_credential_does_not_matter(body, made):
    assert principal(body.world, f"Bearer   {made[1]} ") == made[0]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic", "Basic ", "Digest x", "Negotiate", "cmt_00_00", "Bearer cmt_00000000_00"]
)
def test_no_credential(body, header):
    with pytest.raises(NotAuthenticated):
        principal(body.world, header)


def test_a_token_alone_is_no_header(body, made):
    with pytest.raises(NotAuthenticated):
        principal(body.world, made[1])


def test_another_partys_name_does_not_go_with_it(body, made):
    for user in ("UZ", "", "nobody"):
        with pytest.raises(NotAuthenticated):
            principal(body.world, basic(f"{user}:{made[1]}"))


@pytest.mark.parametrize("rest", ["!!!", "KZ:token", "S1o6", "ÿþ", "é", "\x00", "S1o=6", "S1o", "====", "\udcff"])
def test_what_is_no_base64_is_refused(body, rest):
    with pytest.raises(NotAuthenticated):
        principal(body.world, f"Basic {rest}")


@pytest.mark.parametrize("inner", [b"\xff\xfe:\xff", b"", b":", b"KZ", b"KZ:", b":::"])
def test_what_is_no_user_and_password_is_refused(body, inner):
    with pytest.raises(NotAuthenticated):
        principal(body.world, basic(inner))


def test_a_password_may_not_hide_in_the_user(body, made):
    with pytest.raises(NotAuthenticated):
        principal(body.world, basic(f"{made[1]}:KZ"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.text(max_size=80)
    | st.binary(max_size=60).map(lambda raw: "Basic " + raw.decode("latin-1"))
    | st.binary(max_size=60).map(basic)
)
def test_any_header_at_all_is_refused_and_nothing_worse(body, made, header):
    with pytest.raises(NotAuthenticated):
        principal(body.world, header)


def test_a_token_is_for_the_scopes_it_was_issued_for(made):
    token, _ = made
    check_scope(token, "taxii:read")
    for other in ("taxii:write", "api:read", "", "taxii"):
        with pytest.raises(Denied) as fault:
            check_scope(token, other)
        assert fault.value.next
