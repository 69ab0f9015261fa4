"""Which objects have a handler of their own, by name and in front of their rows.

An object of `HANDLERS` may also have a `Shape`: what its handler does not
answer (None) goes to the rows. `PRIVILEGES` names what a user needs for it.
"""

from __future__ import annotations

from sandbox import log_api
from sandbox.activity_shapes import ACTIVITY_SHAPES
from sandbox.asking import Handler
from sandbox.shapes import SHAPES, Shape

HANDLERS: dict[str, Handler] = {
    "ProcessLog": log_api.process_log,
}
ALL_SHAPES: dict[str, Shape] = SHAPES | ACTIVITY_SHAPES
PRIVILEGES: dict[str, str] = {name: shape.privilege for name, shape in ALL_SHAPES.items()} | {
    "ProcessLog": "VIEW_RESULT",
}
