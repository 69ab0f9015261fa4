"""Reads the fields of an object the platform sent, leniently where its forms differ.

Numbers come as numbers, as strings or as ["Long", n]; booleans as booleans or strings;
dates with or without milliseconds; absent fields are omitted. A field that cannot be
read counts as absent and stays visible in `rest()`; only required ones raise Broken.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from boomi.client.errors import Broken

_TYPED_NUMBERS = ("Long", "BigInteger", "Integer", "BigDecimal", "Double")


def integer(value: object) -> int | None:
    """15, "15", 15.0 and ["Long", 15] are 15; anything else is None."""
    if isinstance(value, list) and len(value) == 2 and value[0] in _TYPED_NUMBERS:
        value = value[1]
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            return None
    return value if isinstance(value, int) else None


def boolean(value: object) -> bool | None:
    """true, "true", "TRUE" and their opposites; anything else is None."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """An aware UTC time from `2024-09-25T15:41:54Z`, with or without milliseconds."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def day(value: object) -> date | None:
    """A day from `2024-09-25`, or the UTC day of a time."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    found = moment(value)
    return found.date() if found else None


def text(value: object) -> str | None:
    """A string; a bare number becomes one. Anything else is None."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


class Fields:
    """One object of the platform, read field by field; remembers what was understood."""

    def __init__(self, kind: str, source: Mapping[str, object]) -> None:
        self._kind = kind
        self._source = source
        self._understood = {"@type"}

    def _found(self, name: str, value: object) -> None:
        if value is not None:
            self._understood.add(name)

    def text(self, *names: str) -> str:
        """The first of these names that holds a text; "" if none does."""
        for name in names:
            value = text(self._source.get(name))
            self._found(name, value)
            if value is not None:
                return value
        return ""

    def integer(self, name: str) -> int | None:
        value = integer(self._source.get(name))
        self._found(name, value)
        return value

    def boolean(self, name: str) -> bool | None:
        value = boolean(self._source.get(name))
        self._found(name, value)
        return value

    def moment(self, name: str) -> datetime | None:
        value = moment(self._source.get(name))
        self._found(name, value)
        return value

    def day(self, name: str) -> date | None:
        """A date from `2024-09-25`; of a time its UTC day."""
        value = day(self._source.get(name))
        self._found(name, value)
        return value

    def inner(self, name: str) -> Mapping[str, object]:
        """An object inside this one; an empty one if there is none."""
        value = self._source.get(name)
        found = value if isinstance(value, dict) else None
        self._found(name, found)
        return found or {}

    def records(self, name: str) -> tuple[Mapping[str, object], ...]:
        """A list of objects; a single object counts as a list of one."""
        value = self._source.get(name)
        items = value if isinstance(value, list) else [value]
        found = tuple(item for item in items if isinstance(item, dict))
        self._found(name, found or (None if value else ()))
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self._source.get(name)
        items = value if isinstance(value, list) else [value]
        found = tuple(item for item in items if isinstance(item, str))
        self._found(name, found or (None if value else ()))
        return found

    def required_text(self, *names: str) -> str:
        """The first of these names that holds a text. Raises Broken when none does, or an empty
        one."""
        value = self.text(*names)
        if not value:
            raise self._broken(names[0])
        return value

    def required_moment(self, name: str) -> datetime:
        """Raises Broken when the field is absent or no date."""
        value = self.moment(name)
        if value is None:
            raise self._broken(name)
        return value

    def required_integer(self, name: str) -> int:
        """Raises Broken when the field is absent or no whole number."""
        value = self.integer(name)
        if value is None:
            raise self._broken(name)
        return value

    def required_day(self, name: str) -> date:
        """Raises Broken when the field is absent or no date."""
        value = self.day(name)
        if value is None:
            raise self._broken(name)
        return value

    def rest(self) -> dict[str, object]:
        """Every field that was not asked for or could not be read."""
        return {k: v for k, v in self._source.items() if k not in self._understood}

    def _broken(self, name: str) -> Broken:
        what = "no" if name not in self._source else "an unreadable"
        return Broken(
            f"The platform sent {self._kind} with {what} {name}.",
            code="UNREADABLE_RECORD",
            hint="Report this: the platform's form of the record has changed.",
        )
