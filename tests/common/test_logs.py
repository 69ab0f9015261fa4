import json
import logging
import logging.config
import sys

import pytest

from common.logs import MASK, logging_config, mask_secrets, mask_text

SECRET = "3f2a9c1e-77aa-token"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Basic {SECRET}",
        f"authorization: bearer {SECRET}",
        f"Token {SECRET}",
        f"postgres://portal:{SECRET}@db.example/portal",
        f"https://jo@northwind.example:{SECRET}@api.boomi.com/",
        f"BOOMI_TOKEN.ops@northwind.example:{SECRET}",
        f"sent bop_0123abcd_{SECRET}",
    ],
)
def test_a_credential_inside_text_is_masked(text: str) -> None:
    masked = mask_text(text)
    assert SECRET not in masked
    assert MASK in masked


def test_ordinary_text_is_left_alone() -> None:
    text = "GET https://api.example/x took 3 s; token count 12; basic setup done"
    assert mask_text(text) == text


@pytest.mark.parametrize("name", ["token", "api_token", "PASSWORD", "Cookie", "private_key"])
def test_a_value_is_masked_by_its_name(name: str) -> None:
    assert mask_secrets(None, "", {name: SECRET})[name] == MASK


def test_nested_values_are_masked_too() -> None:
    event = mask_secrets(
        None, "", {"headers": {"Authorization": SECRET}, "rows": [f"Token {SECRET}"]}
    )
    assert SECRET not in json.dumps(event, ensure_ascii=False)


def rendered(record: logging.LogRecord, *, json_lines: bool) -> str:
    config = logging_config("INFO", json_lines=json_lines)
    formatter = logging.config.DictConfigurator(config).configure_formatter(
        config["formatters"]["portal"]
    )
    return str(formatter.format(record))


def formatted(record: logging.LogRecord) -> dict[str, object]:
    return json.loads(rendered(record, json_lines=True))


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    exc_info = sys.exc_info() if extra.pop("with_error", False) else None
    made = logging.LogRecord("app", logging.INFO, __file__, 1, message, args, exc_info)
    made.__dict__.update(extra)
    return made


def test_a_line_is_one_json_object() -> None:
    line = formatted(record("called %s", "x", request_id="abc"))
    assert line["event"] == "called x"
    assert {"timestamp", "level", "logger"} <= set(line)


def test_arguments_of_a_message_are_masked() -> None:
    assert SECRET not in str(formatted(record("sent %s", f"Basic {SECRET}")))


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_traceback_is_masked(json_lines: bool) -> None:
    try:
        raise ValueError(f"could not use Basic {SECRET}")
    except ValueError:
        line = rendered(record("failed", with_error=True), json_lines=json_lines)
    assert "ValueError" in line
    assert SECRET not in line


def test_a_traceback_on_a_terminal_shows_no_variables() -> None:
    held = "a-token-without-any-form"
    try:
        raise ValueError(f"a token of {len(held)} characters was refused")
    except ValueError:
        line = rendered(record("failed", with_error=True), json_lines=False)
    assert "was refused" in line
    assert held not in line
