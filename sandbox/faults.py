"""Switches that make the sandbox misbehave as the platform and its network do.

All are off by default. Shares are between 0 and 1 and use a generator of their
own, so that a fault seed gives the same sequence again; `next_…` counts run
down and apply before shares do.
"""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import get_type_hints

from sandbox.clock import parse_stamp, stamp
from sandbox.wire import Json


class FaultError(ValueError):
    """The switches cannot be read; the message names the one that is wrong."""


@dataclass(slots=True)
class Faults:
    """Set attributes at any time; requests see them at once.

    - throttling: `throttle_503`, `throttle_429`, `next_503`, `next_429`, and
      `retry_after` (seconds for the Retry-After header, None sends none)
    - network: `timeout_rate`, `next_timeouts` hold a request for `timeout_seconds`
      and then close the connection; `drop_connection`, `next_drops` close at once
    - `outage` is how every request ends, whoever asks: `503`, `drop` (no answer) or
      `html` (a 502 page); from `outage_from` to `outage_until`, ISO times of the sandbox
      clock or seconds counted from when the switch was set; None is open
    - bodies: `broken_json`, `next_broken_json` cut the body in the middle;
      `html_error`, `next_html_errors` answer a 502 page as a proxy would
    - logs: `log_202_count` answers 202 come before the zip, `slow_log_seconds`
      is how long they last at least; `log_expired` always 204, `empty_log` an empty
      entry, `truncated_zip` half a zip, `zip_bomb_mb` an entry of so many MB
    - `foreign_log_url`: the url a ProcessLog answer points to
    - `offline_runtimes`: atom ids or names
    - rights: `reject_tokens`, `reject_all_tokens` (401), `missing_privileges` (403)
    - requested runs: `wrapped_async` answers the record inside an AsyncOperationResult;
      `next_failing_runs` is how many of the next ones fail
    - time: `keep_days` is how long executions and their logs are kept
    - components: `get_deleted_component_refused` (400 instead of the document),
      `reencrypted_secrets` (other stand-ins with every read), `bulk_versions_refused`
      (no `id~version` in a bulk request), `nested_or_refused` (no "or" in a query
      for references), `over_limit_text` (what a bulk request with too many ids hears)
    - answers: `page_totals` (numberOfResults counts the page), `bare_empty` (no `result`
      where nothing is found), `error_form` (`plain`: only a message; `nested`: inside
      `error`), `text_status_codes` (statusCode of a LogDownload as text), `early_204`
      (a download that is not ready answers 204 instead of 202)
    - query tokens: `single_use_tokens`, and `token_seconds` until one expires (0 never)
    - records: `duplicate_rows` repeats a row across pages; `late_records` is the
      share that shows up only `late_by_seconds` after its time
    """

    throttle_503: float = 0.0
    throttle_429: float = 0.0
    next_503: int = 0
    next_429: int = 0
    retry_after: int | None = None
    timeout_seconds: float = 30.0
    timeout_rate: float = 0.0
    next_timeouts: int = 0
    drop_connection: float = 0.0
    next_drops: int = 0
    outage: str | None = None
    outage_from: str | float | None = None
    outage_until: str | float | None = None
    broken_json: float = 0.0
    next_broken_json: int = 0
    html_error: float = 0.0
    next_html_errors: int = 0
    next_500: int = 0
    log_202_count: int = 2
    slow_log_seconds: float = 0.0
    log_expired: bool = False
    empty_log: bool = False
    truncated_zip: bool = False
    zip_bomb_mb: int = 0
    foreign_log_url: str | None = None
    offline_runtimes: set[str] = field(default_factory=set)
    reject_tokens: set[str] = field(default_factory=set)
    reject_all_tokens: bool = False
    missing_privileges: set[str] = field(default_factory=set)
    wrapped_async: bool = False
    next_failing_runs: int = 0
    keep_days: int = 30
    get_deleted_component_refused: bool = False
    reencrypted_secrets: bool = False
    bulk_versions_refused: bool = False
    nested_or_refused: bool = False
    over_limit_text: str | None = None
    page_totals: bool = False
    bare_empty: bool = False
    error_form: str | None = None
    text_status_codes: bool = False
    early_204: bool = False
    single_use_tokens: bool = False
    token_seconds: float = 0.0
    duplicate_rows: bool = False
    late_records: float = 0.0
    late_by_seconds: int = 600
    seed: int = 1


_CHOICES = {"outage": ("503", "drop", "html"), "error_form": ("plain", "nested")}
_SHARES = ("throttle_503", "throttle_429", "timeout_rate", "drop_connection", "broken_json",
           "html_error", "late_records")  # fmt: skip


def faults_from_json(values: Json) -> Faults:
    """Switches from a JSON object; what it does not name is off. Raises FaultError."""
    if not isinstance(values, dict):
        raise FaultError("Send the switches as a JSON object.")
    known = get_type_hints(Faults)
    faults = Faults()
    for name, value in values.items():
        if name not in known:
            raise FaultError(f"There is no switch '{name}'. Known: {', '.join(sorted(known))}.")
        setattr(faults, name, _checked(name, known[name], value))
    return faults


def _checked(name: str, wanted: object, value: Json) -> object:
    if wanted == set[str]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return {str(item) for item in value}
        raise FaultError(f"'{name}' must be a list of strings.")
    if wanted is bool:
        if isinstance(value, bool):
            return value
        raise FaultError(f"'{name}' must be true or false.")
    if name in _CHOICES and value is not None and value not in _CHOICES[name]:
        raise FaultError(f"'{name}' must be null or one of {', '.join(_CHOICES[name])}.")
    if wanted == str | float | None and (value is None or isinstance(value, str)):
        return value if value is None else _moment(name, value)
    if wanted == str | None:
        if value is None or isinstance(value, str):
            return value
        raise FaultError(f"'{name}' must be a string or null.")
    if wanted == int | None and value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise FaultError(f"'{name}' must be a number that is not negative.")
    if name in _SHARES and value > 1:
        raise FaultError(f"'{name}' is a share: a number from 0 to 1.")
    if wanted is float or wanted == str | float | None:
        return float(value)
    if value != int(value):
        raise FaultError(f"'{name}' must be a whole number.")
    return int(value)


def _moment(name: str, text: str) -> str:
    try:
        return stamp(parse_stamp(text))
    except ValueError as error:
        raise FaultError(f"'{name}' must be an ISO time or a number of seconds.") from error


def faults_as_json(faults: Faults) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for name, value in asdict(faults).items():
        values[name] = sorted(value) if isinstance(value, set) else value
    return values


class FaultBox:
    """Holds the switches and draws from them, safely for many threads."""

    def __init__(self) -> None:
        self.faults = Faults()
        self._lock = threading.Lock()
        self._rng = random.Random(self.faults.seed)

    def replace(self, faults: Faults, now: datetime | None = None) -> None:
        """New switches in the object that others already hold; draws start again.

        Seconds of an outage count from `now`, or from the next request without one.
        """
        with self._lock:
            for entry in fields(Faults):
                setattr(self.faults, entry.name, getattr(faults, entry.name))
            self._rng = random.Random(faults.seed)
            if now is not None:
                self._fix_outage(now)

    def _fix_outage(self, now: datetime) -> None:
        """Seconds become times of the sandbox clock, once."""
        for name in ("outage_from", "outage_until"):
            value = getattr(self.faults, name)
            if isinstance(value, int | float):
                setattr(self.faults, name, stamp(now + timedelta(seconds=value)))

    def outage_at(self, now: datetime) -> str | None:
        """How requests end at `now`; None when the platform is there."""
        with self._lock:
            faults = self.faults
            if faults.outage is None:
                return None
            self._fix_outage(now)
            since, until = faults.outage_from, faults.outage_until
            begun = since is None or now >= parse_stamp(str(since))
            over = until is not None and now >= parse_stamp(str(until))
            return faults.outage if begun and not over else None

    def strikes(self, share: str, count: str) -> bool:
        """Whether this request is hit: by a remaining count, else by its share."""
        with self._lock:
            remaining = int(getattr(self.faults, count))
            if remaining > 0:
                setattr(self.faults, count, remaining - 1)
                return True
            chance = float(getattr(self.faults, share)) if share else 0.0
            return chance > 0 and self._rng.random() < chance
