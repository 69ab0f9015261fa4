"""Strict readers for the environment: one clear sentence instead of a late surprise.

A secret comes from NAME or, for mounted files, from NAME_FILE. With DEMO=1 a missing
secret is generated once into an ignored file so that a first look needs no preparation.
"""

import base64
import json
import os
import secrets
from pathlib import Path

import environ  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def flag(name: str, default: bool = False) -> bool:
    """Read a switch; only 1/0, true/false, yes/no, on/off (any case) are understood."""
    raw = os.environ.get(name, "").strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    if raw == "":
        return default
    raise ImproperlyConfigured(f"{name}={raw!r} is not a switch. Write 1 or 0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    """Read a whole number not below `least`."""
    raw = os.environ.get(name, "").strip()
    if raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None
    if value < least:
        raise ImproperlyConfigured(f"{name}={value} is too small; the least is {least}.")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Read a comma-separated list; blanks around the parts are ignored."""
    raw = os.environ.get(name, "")
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    return parts or default


class Secrets:
    """Reads secrets; in demo mode it invents the missing ones and keeps them in `store`."""

    def __init__(self, *, demo: bool, store: Path) -> None:
        self._demo = demo
        self._store = store

    def read(self, name: str) -> str:
        value = os.environ.get(name, "").strip() or self._from_file(name)
        if value:
            return value
        if self._demo:
            return self._demo_value(name)
        raise ImproperlyConfigured(
            f"{name} is not set. Put it into the environment or .env (or a file named by "
            f"{name}_FILE); `python manage.py generate_key --env` prints good values. "
            "For a first look without any settings use `make run`, which sets DEMO=1."
        )

    def optional(self, name: str, *, shortest: int = 16) -> str:
        """A secret that switches something on; "" when it is not set."""
        value = os.environ.get(name, "").strip() or self._from_file(name)
        if value and len(value) < shortest:
            raise ImproperlyConfigured(
                f"{name} is too short to be a secret; use at least {shortest} characters."
            )
        return value

    def _from_file(self, name: str) -> str:
        path = os.environ.get(f"{name}_FILE", "").strip()
        if not path:
            return ""
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE cannot be read: {error.strerror}. Check the path and its rights."
            ) from error

    def _demo_value(self, name: str) -> str:
        kept: dict[str, str] = {}
        if self._store.exists():
            kept = json.loads(self._store.read_text(encoding="utf-8"))
        if name not in kept:
            kept[name] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            self._store.parent.mkdir(parents=True, exist_ok=True)
            partial = self._store.with_suffix(f".{os.getpid()}.partial")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(kept, indent=1), encoding="utf-8")
            partial.replace(self._store)
        return kept[name]
