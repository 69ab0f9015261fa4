"""`/_sandbox/…`: clock, switches and counters for other processes on this machine."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sandbox import wire
from sandbox.asking import Request
from sandbox.clock import Clock, parse_stamp, stamp
from sandbox.company import ACCOUNTS, CREDENTIALS
from sandbox.counters import Counters
from sandbox.faults import FaultBox, FaultError, faults_as_json, faults_from_json
from sandbox.scenario import Truth
from sandbox.wire import Answer, BadRequest, Json

PREFIX = "/_sandbox/"


class Control:
    def __init__(self, clock: Clock, box: FaultBox, counters: Counters, truth: Truth) -> None:
        self._clock = clock
        self._box = box
        self._counters = counters
        self._truth = truth

    def answer(self, request: Request) -> Answer:
        path = request.path.partition("?")[0]
        name = path.removeprefix(PREFIX).rstrip("/")
        actions = {
            ("GET", "state"): lambda: self._state(),
            ("GET", "counters"): lambda: self._counters.as_json(),
            ("POST", "clock"): lambda: self._set_clock(request.body),
            ("POST", "faults"): lambda: self._set_faults(request.body),
            ("POST", "reset_counters"): lambda: self._reset(),
        }
        action = actions.get((request.method, name))
        if action is None:
            known = ", ".join(f"{method} {PREFIX}{name}" for method, name in actions)
            return _json(404, {"message": f"There is no {path}. Known: {known}."})
        try:
            return _json(200, action())
        except (BadRequest, FaultError) as problem:
            return _json(400, {"message": str(problem)})

    def _state(self) -> dict[str, Json]:
        accounts: list[Json] = [asdict(account) for account in ACCOUNTS]
        credentials: list[Json] = [
            {**asdict(credential), "login": credential.login} for credential in CREDENTIALS
        ]
        return {
            "clock": self._clock_json(),
            "scenario": self._truth.scenario,
            "seed": self._truth.seed,
            "epoch": stamp(self._truth.epoch),
            "faults": faults_as_json(self._box.faults),
            "counters": self._counters.as_json(),
            "accounts": accounts,
            "credentials": credentials,
            "truth": self._truth.as_json(),
        }

    def _clock_json(self) -> dict[str, Json]:
        return {
            "now": stamp(self._clock.now()),
            "offset_seconds": round(self._clock.offset_seconds, 3),
        }

    def _set_clock(self, body: bytes) -> dict[str, Json]:
        values = wire.read_json(body)
        if not isinstance(values, dict) or len(values) != 1:
            raise BadRequest("Send one of now, offset_seconds or advance_seconds.")
        ((name, value),) = values.items()
        number = float(value) if isinstance(value, int | float) else None
        try:
            if name == "now" and isinstance(value, str):
                self._clock.set(parse_stamp(value))
            elif name == "offset_seconds" and number is not None:
                self._clock.set_offset(number)
            elif name == "advance_seconds" and number is not None:
                self._clock.advance(timedelta(seconds=number))
            else:
                raise BadRequest("Send one of now, offset_seconds or advance_seconds.")
        except (ValueError, OverflowError) as error:
            raise BadRequest(f"'{value}' is not a time the clock can take.") from error
        return self._clock_json()

    def _set_faults(self, body: bytes) -> dict[str, Json]:
        self._box.replace(faults_from_json(wire.read_json(body)), self._clock.now())
        return faults_as_json(self._box.faults)

    def _reset(self) -> dict[str, Json]:
        self._counters.reset()
        return {"reset": True}


def _json(status: int, values: Json) -> Answer:
    return Answer(status, wire.dump(values).encode())
