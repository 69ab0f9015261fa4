"""AES-256-GCM with key ids: the cipher behind every stored secret.

Stored form: ``v1:<key id>:<base64(nonce + ciphertext)>``. A label per field is bound in as
associated data, so a value copied into another column is refused. Keys come from
ENCRYPTION_KEYS only, newest first; older ones still read.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.errors import PortalError

VERSION = "v1"
NONCE_BYTES = 12


class CannotDecrypt(PortalError):
    default_code = "CANNOT_DECRYPT"


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    cipher: AESGCM


def generate_key() -> str:
    """A new random 256-bit key in the form ENCRYPTION_KEYS expects."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> tuple[Key, ...]:
    ring = []
    for number, text in enumerate(keys, start=1):
        try:
            raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32:
            raise ImproperlyConfigured(
                f"Key {number} of ENCRYPTION_KEYS is not 32 bytes in base64. "
                "`python manage.py generate_key` prints a good one."
            )
        ring.append(Key(hashlib.sha256(raw).hexdigest()[:8], AESGCM(raw)))
    if not ring:
        raise ImproperlyConfigured("ENCRYPTION_KEYS holds no key.")
    return tuple(ring)


def ring() -> tuple[Key, ...]:
    """The configured keys, newest first. Raises ImproperlyConfigured for a malformed one."""
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def active_prefix() -> str:
    """How every value encrypted with the newest key begins."""
    return f"{VERSION}:{ring()[0].id}:"


def encrypt(text: str, *, label: str) -> str:
    key = ring()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + key.cipher.encrypt(nonce, text.encode(), label.encode())
    return f"{VERSION}:{key.id}:{base64.urlsafe_b64encode(sealed).decode()}"


def decrypt(stored: str, *, label: str) -> str:
    """Raises CannotDecrypt for a changed value, another field's value or a lost key."""
    version, _, rest = stored.partition(":")
    key_id, _, body = rest.partition(":")
    key = next((key for key in ring() if key.id == key_id), None)
    if version != VERSION or key is None:
        raise CannotDecrypt(
            "A stored secret was encrypted with a key that is not configured.",
            hint="Add the former key to the end of ENCRYPTION_KEYS, or enter the secret again.",
        )
    try:
        sealed = base64.urlsafe_b64decode(body.encode())
        plain = key.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.encode())
    except (InvalidTag, binascii.Error, ValueError):
        raise CannotDecrypt(
            "A stored secret is damaged and cannot be read.",
            hint="Enter the secret again.",
        ) from None
    return plain.decode()
