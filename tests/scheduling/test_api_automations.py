"""Automations through the API."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from common.actors import Actor
from common.models import AuditEvent, User
from scheduling.models import Automation, JobRun, JobStatus, NotificationChannel, Trigger
from scheduling.services import automations
from tests.scheduling.builders import make_automation, make_schedule
from tests.signed_in import program

pytestmark = pytest.mark.django_db
URL = "/api/v1/automations/"
NEW = {"name": "Count", "kind": "tests.count", "parameters": {"rows": 3}}


def test_an_automation_is_made_read_changed_and_deleted(operator: User) -> None:
    client = program(operator)
    made = client.post(URL, NEW)
    assert (made.status_code, made["Location"]) == (201, f"{URL}{made.json()['id']}/")
    told = client.get(made["Location"]).json()
    assert (told["does"], told["owner"]) == ("Count 3 rows", operator.email)
    assert told["audience"] == "tests:nowhere"
    changed = client.patch(made["Location"], {"parameters": {"rows": 5}, "notes": "more"})
    assert (changed.status_code, changed.json()["does"]) == (200, "Count 5 rows")
    assert client.delete(made["Location"]).status_code == 204
    assert client.get(made["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"kind": "tests.nothing"}, "kind"),
        ({"parameters": {}}, "parameters.rows"),
        ({"parameters": {"rows": -1}}, "parameters.rows"),
        ({"parameters": {"rows": 1, "colour": "red"}}, "parameters.colour"),
        ({"on_event": "tests.unheard_of"}, "on_event"),
        ({"on_event": "tests.nobody_listens"}, "on_event"),
        ({"channel": "Nobody's"}, "channel"),
        ({"notes": "x" * 501}, "notes"),
        ({"enable": False}, "enable"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(
    operator: User, change: dict[str, object], field: str
) -> None:
    answer = program(operator).post(URL, {**NEW, **change})
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Automation.objects.exists()


def test_a_name_is_given_once(operator: User, developer: User) -> None:
    assert program(operator).post(URL, NEW).status_code == 201
    answer = program(developer).post(URL, NEW)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["name"])


def test_work_one_has_no_right_to_is_refused(operator: User) -> None:
    answer = program(operator).post(URL, {**NEW, "parameters": {"rows": 1, "place": "there"}})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


def test_a_foreign_channel_is_refused(operator: User, developer: User) -> None:
    NotificationChannel.objects.create(name="On call", owner=developer, recipients=[])
    answer = program(operator).post(URL, {**NEW, "channel": "On call"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["channel"])


def test_what_others_made_is_not_there(operator: User, developer: User) -> None:
    made = make_automation(operator)
    client = program(developer)
    assert client.get(URL).json()["total"] == 0
    for call in (client.get, client.delete, client.patch):
        assert call(f"{URL}{made.pk}/").status_code == 404
    assert client.post(f"{URL}{made.pk}/run/").status_code == 404


def test_a_run_is_accepted_and_can_be_followed(operator: User) -> None:
    made = make_automation(operator)
    client = program(operator)
    answer = client.post(f"{URL}{made.pk}/run/")
    assert answer.status_code == 202
    told = client.get(answer["Location"]).json()
    assert (told["automation"], told["automation_name"], told["trigger"]) == (
        made.pk, "Count", "manual",
    )  # fmt: skip
    again = client.post(f"{URL}{made.pk}/run/")
    assert again["Location"] == answer["Location"], "one is live already"


def test_a_dry_run_says_what_it_would_do_and_does_nothing(operator: User) -> None:
    made = make_automation(operator)
    answer = program(operator).post(f"{URL}{made.pk}/dry-run/").json()
    assert answer["preview"]["found"] == 3
    assert answer["preview"]["findings"] == [{"label": "row 1", "url": "", "at": None}]
    assert (answer["seconds"], answer["runs"]) == (7.0, 0)
    assert not JobRun.objects.exists()


def test_the_last_week_of_parameters_that_are_not_saved_yet(operator: User) -> None:
    client = program(operator)
    asked = {"kind": "tests.count", "parameters": {"rows": 4}}
    assert client.post(f"{URL}last-week/", asked).json()["sentence"] == "4 rows of 168 hours."
    wrong = client.post(f"{URL}last-week/", {"kind": "tests.count", "parameters": {}})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["parameters.rows"])


def test_kinds_describe_their_parameters(operator: User) -> None:
    answer = program(operator).get("/api/v1/automation-kinds/").json()
    (kind,) = [kind for kind in answer if kind["name"] == "tests.count"]
    rows, place, only_errors = kind["parameters"]
    assert (rows["name"], rows["type"], rows["required"]) == ("rows", "integer", True)
    assert rows["help"] == "How many rows to count."
    assert place["choices"] == [
        {"value": "here", "label": "Here"}, {"value": "there", "label": "There"},
    ]  # fmt: skip
    assert (only_errors["type"], only_errors["choices"]) == ("boolean", None)


def test_the_list_tells_of_the_last_run_and_the_next(operator: User) -> None:
    made = make_automation(operator)
    schedule = make_schedule(made)
    make_schedule(made, cron="0 0 1 1 *")
    run = automations.run_now(made, actor=Actor.person(operator))
    JobRun.objects.filter(pk=run.pk).update(status=JobStatus.FAILED)
    (told,) = program(operator).get(URL).json()["results"]
    assert (told["last_run_id"], told["last_run_status"]) == (run.pk, "failed")
    assert schedule.next_due_at is not None
    assert told["next_due_at"] == schedule.next_due_at.isoformat().replace("+00:00", "Z")
    assert told["schedule_count"] == 2


def test_the_list_costs_the_same_however_long(
    operator: User, django_assert_max_num_queries: object
) -> None:
    client = program(operator)
    for number in range(12):
        make_schedule(make_automation(operator, f"Count {number}"))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert client.get(URL).json()["total"] == 12


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 2),
        ("q=fir", 1),
        ("enabled=true", 1),
        ("enabled=false", 1),
        ("kind=tests.count", 2),
        ("on_event=tests.something_happened", 1),
        ("mine=false", 0),
        ("q=fir&enabled=false", 0),
    ],
)
def test_the_list_is_filtered(operator: User, query: str, total: int) -> None:
    make_automation(operator, "First", on_event="tests.something_happened")
    make_automation(operator, "Second", enabled=False)
    assert program(operator).get(f"{URL}?{query}").json()["total"] == total


class TestWebhook:
    def call(self, made: Automation, token: str) -> object:
        headers = {"X-Webhook-Token": token}
        return APIClient().post(f"{URL}{made.pk}/webhook/", headers=headers)

    def new(self, owner: User, made: Automation) -> str:
        answer = program(owner).post(f"{URL}{made.pk}/new-webhook/")
        assert answer.status_code == 201
        assert answer["Cache-Control"] == "no-store"
        assert answer.json()["url"] == f"http://testserver{URL}{made.pk}/webhook/"
        return str(answer.json()["token"])

    def test_it_starts_a_run_of_the_owner(self, operator: User) -> None:
        made = make_automation(operator)
        answer = self.call(made, self.new(operator, made))
        run = JobRun.objects.get()
        assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/jobs/{run.pk}/")
        assert (run.trigger, run.owner) == (Trigger.WEBHOOK, operator)
        event = AuditEvent.objects.get(action="scheduling.automation.started")
        assert event.actor_text == "system:webhook"

    def test_a_wrong_token_and_a_missing_automation_look_the_same(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        without = make_automation(operator, "Without")
        missing = Automation(pk=made.pk + 1000)
        answers = [
            self.call(*each)
            for each in ((made, "x"), (made, ""), (made, "ü"), (without, token), (missing, token))
        ]
        told = {(answer.status_code, answer.json()["message"]) for answer in answers}
        assert told == {(404, "No automation listens here with this token.")}
        assert not JobRun.objects.exists()

    def test_a_new_token_ends_the_former_one(self, operator: User) -> None:
        made = make_automation(operator)
        former, newer = self.new(operator, made), self.new(operator, made)
        assert self.call(made, former).status_code == 404
        assert self.call(made, newer).status_code == 202

    def test_a_revoked_one_is_unknown(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        client = program(operator)
        assert client.post(f"{URL}{made.pk}/revoke-webhook/").status_code == 204
        assert self.call(made, token).status_code == 404
        assert client.post(f"{URL}{made.pk}/revoke-webhook/").status_code == 409

    def test_one_that_is_switched_off_says_so(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        automations.set_enabled(made, False, actor=Actor.person(operator))
        answer = self.call(made, token)
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")

    def test_an_owner_who_left_starts_nothing(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        operator.groups.clear()
        assert self.call(made, token).status_code == 409
        assert not JobRun.objects.exists()

    def test_calls_while_a_run_is_live_lead_to_it(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        first, second = self.call(made, token), self.call(made, token)
        assert first["Location"] == second["Location"]
        assert JobRun.objects.count() == 1

    def test_a_flood_is_slowed_down(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        for _ in range(30):
            self.call(made, token)
            JobRun.objects.update(status=JobStatus.SUCCEEDED)
        answer = self.call(made, token)
        assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")

    def test_the_token_is_kept_nowhere(self, operator: User) -> None:
        made = make_automation(operator)
        token = self.new(operator, made)
        row = Automation.objects.values().get(pk=made.pk)
        assert token not in str(row)
        assert row["webhook_prefix"] == token[:12]
        told = program(operator).get(f"{URL}{made.pk}/").content.decode()
        assert token not in told + str(list(AuditEvent.objects.values_list("after", flat=True)))
