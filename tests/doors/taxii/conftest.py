"""What the tests of the TAXII server start from."""

from __future__ import annotations

import pytest

from tests.doors.taxii.site import Site


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def kz(site):
    site.body.member("KZ")
    return site.client("KZ")


@pytest.fixture
def uz(site):
    site.body.member("UZ")
    return site.client("UZ")
