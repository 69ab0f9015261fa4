from base64 import b64decode

import pytest

from boomi.client import Credentials
from tests.boomi.client.conftest import CANARY


@pytest.mark.parametrize(
    "username", ["jo@acme.example", "BOOMI_TOKEN.jo@acme.example", "boomi_token.jo@acme.example"]
)
def test_the_header_carries_the_prefix_exactly_once(username):
    kind, blob = Credentials("acme-A1B2C3", username, CANARY).authorization.split(" ")
    assert kind == "Basic"
    assert b64decode(blob).decode() == f"BOOMI_TOKEN.jo@acme.example:{CANARY}"


def test_the_token_is_in_no_repr(credentials):
    assert CANARY not in repr(credentials)
    assert credentials.blob not in repr(credentials)


def test_white_space_from_pasting_is_dropped():
    found = Credentials(" acme-A1B2C3\n", " jo@acme.example ", f"{CANARY}\r\n")
    assert (found.account_id, found.username, found.token) == (
        "acme-A1B2C3",
        "jo@acme.example",
        CANARY,
    )


@pytest.mark.parametrize(
    "parts",
    [
        ("", "jo@acme.example", CANARY),
        ("acme/../other", "jo@acme.example", CANARY),
        ("acme?x=1", "jo@acme.example", CANARY),
        ("acme-A1B2C3", "", CANARY),
        ("acme-A1B2C3", "BOOMI_TOKEN.", CANARY),
        ("acme-A1B2C3", "jo:hn", CANARY),
        ("acme-A1B2C3", "jo\n@acme.example", CANARY),
        ("acme-A1B2C3", "jo@acme.example", "  "),
        ("acme-A1B2C3", "jo@acme.example", f"{CANARY}\r\nX-Evil: 1"),
    ],
)
def test_credentials_that_cannot_be_right_are_refused_without_the_token(parts):
    with pytest.raises(ValueError) as caught:
        Credentials(*parts)
    assert CANARY not in str(caught.value)
