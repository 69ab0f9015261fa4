"""Exports: whole, newest first, and the same however many pages they are read in."""

import csv
import io
import json

import pytest

from common import exports
from common.models import Team, User

pytestmark = [pytest.mark.django_db]
FIELDS = {"id": "id", "who": "email", "since": "created_at"}


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    monkeypatch.setattr(exports, "BATCH", 3)
    return [User.objects.create_user(f"{name}@northwind.example") for name in "abcdefg"]


def exported(kind: str) -> str:
    answer = exports.respond_plain(kind, "people", FIELDS, User.objects.all())
    return b"".join(answer).decode()


def test_every_page_is_in_the_csv_newest_first(people: list[User]) -> None:
    rows = list(csv.DictReader(io.StringIO(exported("csv"))))
    assert [row["id"] for row in rows] == [str(user.pk) for user in reversed(people)]
    assert list(rows[0]) == ["id", "who", "since"]


def test_every_page_is_in_one_json_array(people: list[User]) -> None:
    rows = json.loads(exported("json"))
    assert [row["who"] for row in rows] == [user.email for user in reversed(people)]


def test_times_are_utc_whatever_zone_the_viewer_has(people: list[User]) -> None:
    newest = json.loads(exported("json"))[0]["since"]
    assert newest == people[-1].created_at.isoformat().replace("+00:00", "Z")


def test_a_page_is_one_part_of_the_answer(people: list[User]) -> None:
    answer = exports.respond_plain("csv", "people", FIELDS, User.objects.all())
    assert [part.count(b"\n") for part in answer] == [1, 3, 3, 1]


def test_nothing_to_export_is_an_empty_array() -> None:
    answer = exports.respond_plain("json", "teams", {"id": "id"}, Team.objects.all())
    assert json.loads(b"".join(answer)) == []


def test_a_text_that_a_spreadsheet_would_run_is_disarmed() -> None:
    Team.objects.create(name="=HYPERLINK(1)")
    answer = exports.respond_plain("csv", "teams", {"name": "name"}, Team.objects.all())
    assert b"".join(answer).splitlines() == [b"name", b"'=HYPERLINK(1)"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_no_text_of_a_cell_runs_as_a_formula(text: str) -> None:
    assert exports.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-5, "-5"), (None, ""), (True, "true"), ("a=b", "a=b"), ({"a": 1}, '{"a": 1}'), ("\0a", "a")],
)  # fmt: skip
def test_other_values_stand_as_they_are(value: object, shown: str) -> None:
    assert exports.cell(value) == shown
