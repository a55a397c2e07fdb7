"""What a request tells: the site that a form is of, the cookies, and where to go on to."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from comity.doors.received import UnknownContent
from comity.doors.web import asking
from comity.errors import Denied, SenderFault
from tests.consortium import Body


def request(scheme="http", **headers: str) -> Request:
    said = {"host": "localhost", **headers}
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in said.items()]
    return Request(
        {"type": "http", "method": "POST", "scheme": scheme, "path": "/", "query_string": b"", "headers": raw, "client": ("192.0.2.1", 5)}
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://localhost:81"}, {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"}, {"origin": "http://["},
        {"origin": "http://localhost", "sec_fetch_site": "cross-site"}, {"origin": "http://localhost.evil.example"},
    ],
)  # fmt: skip
def test_another_sites_form_is_refused(headers):
    with pytest.raises(Denied):
        asking.same_site(request(**headers))


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost"}, {"origin": "https://localhost", "sec_fetch_site": "same-origin"}])
def test_our_own_is_taken(headers):
    asking.same_site(request(**headers))


def test_forms_are_read_or_refused():
    form = asking.form(request(content_type="application/x-www-form-urlencoded"), b"a=1&a=%D0%B6&b=+x+%0D%0A&c=")
    assert (form.texts("a"), form.text("b"), form.text("c"), form.text("d")) == (["1", "ж"], "x", "", "")
    with pytest.raises(UnknownContent):
        asking.form(request(content_type="application/json"), b"{}")
    for body in (b"a=%ff", b"\xff", b"&".join([b"a=1"] * (asking.FIELDS + 1))):
        with pytest.raises(SenderFault):
            asking.form(request(content_type="application/x-www-form-urlencoded"), body)


def test_under_tls_the_cookies_name_keeps_other_hosts_from_setting_it():
    desk = Body().desk
    plain, tls = asking.cookie_name(desk), asking.cookie_name(desk, True)
    assert tls == f"__Host-{plain}"
    both = f"{plain}=planted; {tls}=ours"
    assert asking.held(desk, request(scheme="https", cookie=both)) == "ours"
    assert asking.held(desk, request(scheme="https", cookie=f"{plain}=planted")) is None
    assert asking.held(desk, request(cookie=both)) == "ours"
    assert asking.held(desk, request(cookie=f"{plain}=ours")) == "ours"
    assert asking.held(desk, request()) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\nx",
        "/\t/evil.example",
        "/" + "x" * 3000,
    ],
)
def test_whoever_signs_in_goes_nowhere_else(path):
    assert asking.here(path) == "/"


@pytest.mark.parametrize("path", ["/", "/search?q=a&b=%20", "/o/x#part", "/а"])
def test_whoever_signs_in_goes_on(path):
    assert asking.here(path) == path
