"""Schedules and their due times through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from common.models import User
from scheduling.models import Automation, Occurrence, Schedule
from tests.scheduling.builders import make_automation, make_schedule
from tests.signed_in import program

pytestmark = pytest.mark.django_db
URL = "/api/v1/schedules/"


@pytest.fixture
def automation(operator: User) -> Automation:
    return make_automation(operator)


def test_a_schedule_is_made_read_changed_and_deleted(
    operator: User, automation: Automation
) -> None:
    client = program(operator)
    new = {"automation": automation.pk, "cron": "0 2 * * *", "zone": "Europe/Berlin"}
    made = client.post(URL, new)
    assert (made.status_code, made["Location"]) == (201, f"{URL}{made.json()['id']}/")
    told = client.get(made["Location"]).json()
    assert (told["words"], told["overlap"], told["catch_up"]) == (
        "At 02:00, every day", "skip", "once",
    )  # fmt: skip
    assert len(told["next_times"]) == 5
    assert told["next_times"][0] == told["next_due_at"]
    changed = client.patch(made["Location"], {"enabled": False})
    assert (changed.status_code, changed.json()["next_due_at"]) == (200, None)
    assert changed.json()["next_times"] == []
    assert client.delete(made["Location"]).status_code == 204
    assert client.get(made["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cron": "0 2 * *"}, "cron"),
        ({"zone": "Nowhere"}, "zone"),
        ({"overlap": "x"}, "overlap"),
        ({"colour": "red"}, "colour"),
        ({"automation": "x"}, "automation"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(
    operator: User, automation: Automation, change: dict[str, object], field: str
) -> None:
    new = {"automation": automation.pk, "cron": "0 2 * * *", "zone": "UTC", **change}
    answer = program(operator).post(URL, new)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_foreign_automation_gets_none(
    operator: User, developer: User, automation: Automation
) -> None:
    new = {"automation": automation.pk, "cron": "0 2 * * *", "zone": "UTC"}
    assert program(developer).post(URL, new).status_code == 404
    made = make_schedule(automation)
    client = program(developer)
    assert client.get(URL).json()["total"] == 0
    for path in ("", "pause/", "resume/"):
        assert client.post(f"{URL}{made.pk}/{path}", {"reason": "x"}).status_code in {404, 405}
    assert client.get(f"/api/v1/occurrences/?automation={automation.pk}").status_code == 400


def test_a_pause_and_its_end(operator: User, automation: Automation) -> None:
    made = make_schedule(automation)
    client = program(operator)
    until = timezone.now() + timedelta(hours=1)
    paused = client.post(f"{URL}{made.pk}/pause/", {"until": until, "reason": "Release"})
    assert paused.status_code == 200
    told = paused.json()
    assert (told["paused"], told["pause_reason"], told["paused_by"]) == (
        True, "Release", operator.email,
    )  # fmt: skip
    assert client.get(f"{URL}?paused=true").json()["total"] == 1
    assert client.post(f"{URL}{made.pk}/resume/").json()["paused"] is False
    assert client.post(f"{URL}{made.pk}/resume/").status_code == 409
    assert client.get(f"{URL}?paused=true").json()["total"] == 0


def test_a_pause_needs_a_reason(operator: User, automation: Automation) -> None:
    made = make_schedule(automation)
    answer = program(operator).post(f"{URL}{made.pk}/pause/", {})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])


def test_a_preview_answers_while_somebody_types(viewer: User) -> None:
    client = program(viewer, scope="read")
    query = "cron=30+2+*+*+*&zone=Europe/Berlin&after=2026-03-28T12:00:00Z&count=1"
    told = client.get(f"{URL}preview/?{query}").json()
    assert told == {
        "words": "At 02:30, every day", "times": ["2026-03-29T01:00:00Z"], "problem": "",
        "field": "",
    }  # fmt: skip
    wrong = client.get(f"{URL}preview/?cron=30+24+*+*+*")
    assert (wrong.status_code, wrong.json()["field"]) == (200, "hour")
    assert client.get(f"{URL}preview/?cron=0+2+*+*+*&count=99").status_code == 400


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 3),
        ("outcome=started", 1),
        ("outcome=started&outcome=missed", 2),
        ("due_after=2026-11-02T00:00:00Z", 2),
        ("due_before=2026-11-02T00:00:00Z", 1),
        ("schedule={schedule}", 3),
        ("automation={automation}&outcome=paused", 1),
    ],
)
def test_what_became_of_due_times(
    operator: User, automation: Automation, query: str, total: int
) -> None:
    schedule = make_schedule(automation)
    for day, outcome in enumerate(["started", "missed", "paused"], start=1):
        at = timezone.now().replace(year=2026, month=11, day=day, hour=2)
        Occurrence.objects.create(schedule=schedule, due_at=at, outcome=outcome, times=day)
    query = query.format(schedule=schedule.pk, automation=automation.pk)
    answer = program(operator).get(f"/api/v1/occurrences/?{query}").json()
    assert answer["total"] == total
    assert answer["results"][0]["automation"] == automation.pk


def test_the_list_costs_the_same_however_long(
    operator: User, automation: Automation, django_assert_max_num_queries: object
) -> None:
    client = program(operator)
    for hour in range(15):
        make_schedule(automation, cron=f"0 {hour} * * *")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert client.get(URL).json()["total"] == Schedule.objects.count()
