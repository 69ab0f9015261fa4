"""Builders for the tests of the ground floor."""

from collections.abc import Mapping

from common import audit
from common.actors import Actor
from common.models import AuditEvent


def make_event(
    action: str = "test.row.made", *, after: Mapping[str, object] | None = None, note: str = ""
) -> AuditEvent:
    return audit.record(Actor.system("test"), action, after=after, note=note)
