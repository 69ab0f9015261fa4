"""What a column can hold: texts without what databases refuse, numbers within their range."""

from __future__ import annotations

from collections.abc import Mapping

# What PostgreSQL's smallint, integer and bigint hold.
TINY = 2**15 - 1
SMALL = 2**31 - 1
BIG = 2**63 - 1


def clean(text: str, limit: int | None) -> str:
    """`text` as every database takes it, cut to `limit` characters."""
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return text[:limit]


def clean_json(values: Mapping[str, object]) -> dict[str, object]:
    """The same for a JSON object."""

    def cleaned(value: object) -> object:
        if isinstance(value, str):
            return clean(value, None)
        if isinstance(value, Mapping):
            return {clean(str(k), None): cleaned(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [cleaned(item) for item in value]
        return value

    return {clean(key, None): cleaned(value) for key, value in values.items()}


def fitting(value: int | None, largest: int, *, least: int | None = None) -> int | None:
    """A number its column can hold, else None: one absurd record must not stop a sync."""
    lowest = -largest if least is None else least
    return value if value is not None and lowest <= value <= largest else None
