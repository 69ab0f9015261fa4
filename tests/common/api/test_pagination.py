"""Which page an address asks for."""

import pytest

from common.models import User
from tests.signed_in import program

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page", ["0", "-1", "x", "²", "1000001", "000000000001999999999", "0" * 11 + "1" + "9" * 5000]
)
def test_a_number_that_is_no_page_is_refused(viewer: User, page: str) -> None:
    answer = program(viewer).get("/api/v1/tokens/", {"page": page})
    assert answer.status_code == 400
    assert "page" in answer.json()["fields"]


def test_a_page_behind_the_last_is_empty(viewer: User) -> None:
    body = program(viewer).get("/api/v1/tokens/", {"page": "1000000"}).json()
    assert body["results"] == []
    assert body["next"] is None
