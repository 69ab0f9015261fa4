"""ProcessLog: the request for the log of an execution. `sandbox.downloads` gives it out."""

from __future__ import annotations

from sandbox import wire
from sandbox.asking import Ask, flat_values
from sandbox.wire import Answer, BadRequest


def process_log(ask: Ask) -> Answer | None:
    """`POST /ProcessLog`: the LogDownload of one execution."""
    if not ask.is_post or ask.rest:
        return None
    values = flat_values(ask.request)
    execution_id, level = values.get("executionId"), values.get("logLevel", "ALL")
    if not isinstance(execution_id, str) or not isinstance(level, str):
        raise BadRequest("A ProcessLog needs an executionId.")
    download = ask.services.downloads.request(ask.account, execution_id, level, ask.url_base)
    return wire.flat("LogDownload", download, as_json=ask.as_json)
