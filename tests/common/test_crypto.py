import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from common import crypto
from common.crypto import CannotDecrypt


def test_a_value_comes_back_under_its_label() -> None:
    stored = crypto.encrypt("hunter2", label="a.b.c")
    assert crypto.decrypt(stored, label="a.b.c") == "hunter2"


def test_the_same_text_is_never_encrypted_alike() -> None:
    assert crypto.encrypt("x", label="a") != crypto.encrypt("x", label="a")


def test_another_label_is_refused() -> None:
    with pytest.raises(CannotDecrypt, match="damaged"):
        crypto.decrypt(crypto.encrypt("x", label="a"), label="b")


def test_every_flipped_bit_is_noticed() -> None:
    version, key, body = crypto.encrypt("x", label="a").split(":")
    raw = base64.urlsafe_b64decode(body)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        text = f"{version}:{key}:{base64.urlsafe_b64encode(bytes(changed)).decode()}"
        with pytest.raises(CannotDecrypt):
            crypto.decrypt(text, label="a")


def test_the_newest_key_writes(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [crypto.generate_key(), *settings.ENCRYPTION_KEYS]
    assert crypto.encrypt("x", label="a").startswith(crypto.active_prefix())


@pytest.mark.parametrize(
    "keys", [[], ["short"], ["not base64 !"], ["A" * 43], [crypto.generate_key(), "x"]]
)
def test_a_malformed_key_is_named(settings: Settings, keys: list[str]) -> None:
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS"):
        crypto.ring()


def test_an_error_shows_neither_key_nor_value(settings: Settings) -> None:
    key = crypto.generate_key()
    settings.ENCRYPTION_KEYS = [key + "x"]
    with pytest.raises(ImproperlyConfigured) as caught:
        crypto.ring()
    assert key not in str(caught.value)
    assert key not in repr(caught.value)
