"""The portal's own log: one JSON object per line, request ids bound, secrets masked."""

import logging.config
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

SECRET_NAME = re.compile(
    r"token|password|secret|authorization|cookie|api_?key|private_?key", re.IGNORECASE
)
# What counts as a credential wherever it stands: a header's value, the password in an address,
# a platform login pair, and the portal's own tokens.
SECRET_TEXT = re.compile(
    r"""
      ((?:basic|bearer|token)\s+) [a-z0-9+/_=.~-]{12,}
    | (://[^/\s]+?:) [^@\s/]+ (?=@)
    | (BOOMI_TOKEN\.[^\s:]+:) \S+
    | (bop_[0-9a-f]{8}_) [a-z0-9_-]{8,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
MASK = "•••"


def mask_text(text: str) -> str:
    """`text` without what looks like a credential in a header, an address or a login pair."""
    return SECRET_TEXT.sub(lambda found: next((g for g in found.groups() if g), "") + MASK, text)


def mask_secrets(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """structlog processor: masks values by name, and credentials inside any text."""
    for name, value in event.items():
        event[name] = _masked(name, value)
    return event


def _masked(name: str, value: object) -> object:
    if SECRET_NAME.search(name):
        return MASK
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {key: _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked("", inner) for inner in value]
    return value


def mask_rendered(logger: object, method: str, line: str) -> str:
    """Once more over the finished line: the console renderer prints tracebacks only then."""
    return mask_text(line)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(level: str, *, json_lines: bool) -> dict[str, Any]:
    """A dictConfig for everything the process logs, Django's own records included."""
    # Plain: where the package rich is installed, the default prints the variables of each frame,
    # and with them tokens that have no form to be masked by.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if json_lines else console
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json_lines:
        last.append(structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "portal": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [*last, mask_secrets, renderer, mask_rendered],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "portal"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.db.backends": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)
