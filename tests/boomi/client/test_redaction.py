from base64 import b64encode
from urllib.parse import quote

import pytest

from boomi.client import redact

SECRET = "s3cr3t-value+1="
BLOB = b64encode(f"jo:{SECRET}".encode()).decode()
TOKEN_BLOB = b64encode(f"BOOMI_TOKEN.jo:{SECRET}".encode()).decode()


@pytest.mark.parametrize("secret", [SECRET, BLOB])
def test_a_known_secret_is_removed_wherever_it_stands(secret):
    found = redact(f"a{secret}b and /x/{quote(secret, safe='')}/y", [secret])
    assert found == "a[removed]b and /x/[removed]/y"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Authorization: Basic {BLOB}\nnext", "Authorization: [removed]\nnext"),
        (f"{{'authorization': 'Bearer {SECRET}'}}", "{'authorization': '[removed]'}"),
        (f"sent Basic {BLOB} twice", "sent Basic [removed] twice"),
        ("sent Bearer abcdefgh.ijklmnop.qrst", "sent Bearer [removed]"),
        (f"for BOOMI_TOKEN.jo:{SECRET} only", "for BOOMI_TOKEN.jo:[removed] only"),
        (f"blob {TOKEN_BLOB} end", "blob [removed] end"),
        (f"https://jo:{SECRET}@api.boomi.com/x", "https://[removed]@api.boomi.com/x"),
        (f"/x?access_token={SECRET}&page=2", "/x?access_token=[removed]&page=2"),
        (f'{{"password": "{SECRET}", "name": "jo"}}', '{"password": "[removed]", "name": "jo"}'),
    ],
)
def test_an_unknown_secret_is_removed_by_its_form(text, found):
    assert redact(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Basic environments have one class.",
        "ComponentId 1234 is invalid.",
        "Access denied due to insufficient permissions.",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert redact(text, ["", "abc"]) == text
