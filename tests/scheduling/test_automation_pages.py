"""The pages of automations: who sees and does what, forms, runs, webhook, dry run."""

import dataclasses
import json

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.actors import Actor
from common.models import User
from scheduling import kinds
from scheduling.models import Automation, JobRun, JobStatus, Trigger
from scheduling.services import automations, channels
from tests.scheduling.builders import make_automation, make_schedule
from tests.signed_in import browser
from tests.sweeps.test_structure import faults
from tests.visits import html_of, queries_of

pytestmark = pytest.mark.django_db
LIST = "/automations/"


@pytest.fixture
def olga(operator: User) -> Client:
    return browser(operator)


def make_run(automation: Automation, status: str = JobStatus.SUCCEEDED, **fields: object) -> JobRun:
    values = {"job": "tests.count", "title": automation.name, "actor_text": "x", **fields}
    owner = automation.owner
    return JobRun.objects.create(owner=owner, automation=automation, status=status, **values)


def page(automation: Automation, name: str = "automation") -> str:
    return reverse(name, args=[automation.pk])


def shown(client: Client, url: str) -> set[str]:
    return {row.automation.name for row in client.get(url).context["rows"]}


# --- List -------------------------------------------------------------------------------


def test_the_list_shows_own_automations_and_no_others(olga: Client, admin_user: User) -> None:
    make_automation(admin_user, "Of Ada")
    assert shown(olga, LIST) == set()


def test_an_empty_list_offers_the_kinds(olga: Client) -> None:
    html = olga.get(LIST).content.decode()
    assert "/automations/new/?kind=tests.count" in html
    assert "Counts rows, for tests." in html


def test_a_viewer_reads_why_there_is_nothing_to_make(client: Client, viewer: User) -> None:
    html = html_of(client, viewer, LIST)
    assert "This needs the role Operator." in html
    assert "?kind=" not in html


def test_a_row_says_what_it_does_when_it_starts_and_how_it_went(
    olga: Client, operator: User
) -> None:
    automation = make_automation(operator, on_event="tests.something_happened")
    make_schedule(automation, cron="30 6 * * *", zone="Europe/Berlin")
    make_run(automation, JobStatus.FAILED)
    html = olga.get(LIST).content.decode()
    assert "Count 3 rows" in html
    assert "06:30" in html
    assert "Europe/Berlin" in html
    assert "When something happens in a test" in html
    assert 'title="The job ended and says why."' in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=one", {"One"}),
        ("enabled=false", {"Two"}),
        ("last=failed", {"Two"}),
        ("kind=tests.count", {"One", "Two"}),
    ],
)
def test_filters_narrow_the_list(olga: Client, operator: User, query: str, names: set[str]) -> None:
    make_run(make_automation(operator, "One"))
    make_run(make_automation(operator, "Two", enabled=False), JobStatus.FAILED)
    assert shown(olga, f"{LIST}?{query}") == names


def test_the_owner_filter_names_only_owners_one_sees(admin_user: User, operator: User) -> None:
    make_automation(operator, "Of Olga")
    make_automation(admin_user, "Of Ada")
    assert shown(browser(admin_user), f"{LIST}?owner={operator.pk}") == {"Of Olga"}
    html = browser(operator).get(LIST).content.decode()
    assert "Ada Admin" not in html


def test_the_list_takes_as_many_queries_for_many_rows_as_for_two(
    olga: Client, operator: User
) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            automation = make_automation(operator, f"Count {number}")
            make_schedule(automation)
            make_run(automation)

    fill(0, 2)
    few = queries_of(olga, LIST)
    fill(2, 20)
    assert queries_of(olga, LIST) == few


def test_the_strip_holds_the_last_twenty_runs(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    runs = [make_run(automation) for _ in range(25)]
    (row,) = olga.get(LIST).context["rows"]
    assert len(row.strip.rows) == 20
    assert row.last == runs[-1]


def test_what_the_filters_select_is_exported(olga: Client, operator: User) -> None:
    make_automation(operator, "One")
    make_automation(operator, "Two", enabled=False)
    rows = json.loads(b"".join(olga.get(f"{LIST}?export=json&enabled=false")))
    assert [(row["name"], row["owner"]) for row in rows] == [("Two", operator.email)]
    assert "parameters" not in rows[0]


def test_a_refresh_of_an_unchanged_list_is_cheap(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    # The list also changes with the minute: its next starts are told from now on.
    with time_machine.travel(timezone.now(), tick=False):
        tag = olga.get(LIST, headers={"HX-Request": "true"})["ETag"]
        poll = {"HX-Request": "true", "If-None-Match": tag}
        assert olga.get(LIST, headers=poll).status_code == 304
    make_run(automation)
    assert olga.get(LIST, headers=poll).status_code == 200


# --- New and edit -----------------------------------------------------------------------


def test_an_automation_is_made_and_leads_on_to_its_schedule(olga: Client, operator: User) -> None:
    sent = {"name": "Count it", "p-rows": "5", "then": "schedule"}
    answer = olga.post("/automations/new/?kind=tests.count", sent)
    made = Automation.objects.get()
    assert answer["Location"] == reverse("schedule-new", args=[made.pk])
    assert (made.owner, made.parameters) == (operator, {"rows": 5, "only_errors": False})


def test_what_is_wrong_stands_at_its_field(olga: Client) -> None:
    sent = {"name": "", "p-rows": "5000"}
    answer = olga.post("/automations/new/?kind=tests.count", sent)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_name_error"' in html
    assert 'id="id_p-rows_error"' in html
    assert not Automation.objects.exists()


def test_a_taken_name_is_told_at_the_name(olga: Client, operator: User) -> None:
    make_automation(operator, "Count")
    answer = olga.post("/automations/new/?kind=tests.count", {"name": "Count", "p-rows": "1"})
    assert answer.status_code == 400
    assert "Another automation has this name already." in answer.content.decode()


def test_an_unknown_kind_is_not_found(olga: Client) -> None:
    assert olga.get("/automations/new/?kind=tests.none").status_code == 404


def test_the_form_says_what_it_would_have_caught(olga: Client, operator: User) -> None:
    html = olga.get(page(make_automation(operator), "automation-edit")).content.decode()
    assert "3 rows of 168 hours." in html
    assert "row 1" in html


def test_the_live_rail_follows_what_is_typed(olga: Client) -> None:
    sent = {"name": "x", "p-rows": "7"}
    html = olga.post("/automations/preview/?kind=tests.count", sent).json()["html"]
    assert "7 rows of 168 hours." in html
    assert 'data-valid="true"' in html
    assert not Automation.objects.exists()


def test_only_a_kind_that_looks_back_speaks_of_last_week(
    olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/automations/preview/?kind=tests.count"
    assert "What a run would do now" in olga.post(address, {"p-rows": "7"}).json()["html"]
    back = dataclasses.replace(kinds.find("tests.count"), looks_back=True)
    monkeypatch.setitem(kinds._kinds, "tests.count", back)
    assert "Last week it would have caught" in olga.post(address, {"p-rows": "7"}).json()["html"]


def test_the_live_rail_says_what_is_missing(olga: Client) -> None:
    html = olga.post("/automations/preview/?kind=tests.count", {"p-rows": ""}).json()["html"]
    assert 'data-valid="false"' in html
    assert "Still to fill in: Name, Rows." in html


def test_the_live_rail_says_what_one_may_not(olga: Client) -> None:
    sent = {"name": "x", "p-rows": "7", "p-place": "there"}
    html = olga.post("/automations/preview/?kind=tests.count", sent).json()["html"]
    assert "Only an Admin may count there." in html
    assert 'data-valid="false"' in html


def test_an_automation_is_changed(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    sent = {"name": "Count more", "p-rows": "9", "notes": "Since May."}
    assert olga.post(page(automation, "automation-edit"), sent).status_code == 302
    automation.refresh_from_db()
    assert (automation.name, automation.parameters["rows"]) == ("Count more", 9)


def test_an_event_of_another_kind_is_refused_at_its_field(olga: Client) -> None:
    sent = {"name": "x", "p-rows": "1", "on_event": "tests.nobody_listens"}
    answer = olga.post("/automations/new/?kind=tests.count", sent)
    assert answer.status_code == 400
    assert 'id="id_on_event_error"' in answer.content.decode()


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.all_kinds()])
def test_every_kind_has_a_sound_form_and_a_rail(olga: Client, kind: str) -> None:
    html = olga.get(f"/automations/new/?kind={kind}").content.decode()
    assert faults(html) == []
    assert 'data-valid="false"' in olga.post(f"/automations/preview/?kind={kind}").json()["html"]


def test_a_viewer_makes_nothing(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert client.get("/automations/new/").status_code == 403
    assert client.post("/automations/preview/?kind=tests.count").status_code == 403


# --- Page -------------------------------------------------------------------------------


def test_a_stranger_finds_nothing(client: Client, stranger: User, operator: User) -> None:
    automation = make_automation(operator)
    client.force_login(stranger)
    for name in ("automation", "automation-edit", "automation-delete"):
        assert client.get(page(automation, name)).status_code == 404
    for name in ("run", "dry-run", "switch", "webhook"):
        assert client.post(page(automation, f"automation-{name}")).status_code == 404


def test_the_page_shows_next_times_on_both_clocks(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    make_schedule(automation, cron="0 6 * * *", zone="Asia/Tokyo")
    html = olga.get(page(automation)).content.decode()
    assert "Asia/Tokyo" in html
    assert "UTC (you)" in html
    assert " 06:00</td>" in html
    assert " 21:00</td>" in html


def test_runs_are_filtered_by_what_started_them(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    by_hand = make_run(automation, trigger=Trigger.MANUAL)
    make_run(automation, trigger=Trigger.SCHEDULE)
    runs = olga.get(page(automation) + "?trigger=manual").context["runs"]
    assert list(runs) == [by_hand]


def test_a_colleague_sees_but_may_not_change(
    client: Client, operator: User, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation = make_automation(operator)
    monkeypatch.setattr("scheduling.access.audiences", lambda actor: {automation.audience})
    html = html_of(client, viewer, page(automation))
    assert 'title="This needs the role Operator."' in html
    assert "automation-delete" not in html
    assert client.get(page(automation, "automation-edit")).status_code == 403


def test_run_now_leads_to_the_job(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    answer = olga.post(page(automation, "automation-run"))
    run = JobRun.objects.get(automation=automation)
    assert answer["Location"] == reverse("job", args=[run.pk])


def test_a_dry_run_says_what_would_happen_and_starts_nothing(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    began = timezone.now()
    make_run(automation, started_at=began, finished_at=began)
    html = olga.post(page(automation, "automation-dry-run")).content.decode()
    assert "Nothing was started and nothing was changed." in html
    assert "row 1" in html
    assert JobRun.objects.count() == 1


def test_the_switch_turns_off_and_comes_back_to_the_list(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    sent = {"enabled": "false", "back": "/automations/?q=x"}
    answer = olga.post(page(automation, "automation-switch"), sent)
    automation.refresh_from_db()
    assert not automation.enabled
    assert answer["Location"] == "/automations/?q=x"


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_the_switch_leads_nowhere_else(olga: Client, operator: User, back: str) -> None:
    automation = make_automation(operator)
    answer = olga.post(page(automation, "automation-switch"), {"enabled": "true", "back": back})
    assert answer["Location"] == page(automation)


def test_the_secret_of_a_webhook_is_shown_once_with_a_call_that_works(
    olga: Client, operator: User
) -> None:
    automation = make_automation(operator)
    html = olga.post(page(automation, "automation-webhook")).content.decode()
    automation.refresh_from_db()
    token = html.split('id="new-token">')[1].split("<")[0]
    assert token.startswith(automation.webhook_prefix)
    assert f"/api/v1/automations/{automation.pk}/webhook/" in html
    assert automations.start_by_webhook(automation.pk, token).trigger == Trigger.WEBHOOK
    assert token not in olga.get(page(automation)).content.decode()


def test_a_webhook_is_revoked_once(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    automations.new_webhook(automation, actor=Actor.person(operator))
    url = page(automation, "automation-webhook")
    assert "The webhook is gone" in olga.post(url, {"revoke": "1"}, follow=True).content.decode()
    again = olga.post(url, {"revoke": "1"}, follow=True).content.decode()
    assert "There is nothing to revoke." in again


def test_deleting_asks_first_and_tells_what_goes(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    make_schedule(automation)
    make_run(automation)
    html = olga.get(page(automation, "automation-delete")).content.decode()
    assert "Its 1 schedule" in html
    assert olga.post(page(automation, "automation-delete"))["Location"] == LIST
    assert not Automation.objects.exists()
    assert JobRun.objects.count() == 1


def test_what_works_right_now_is_not_deleted(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    make_run(automation, JobStatus.RUNNING)
    answer = olga.post(page(automation, "automation-delete"))
    assert answer.status_code == 409
    assert "A run of this automation is at work." in answer.content.decode()


def test_the_channel_of_somebody_else_is_no_choice(
    olga: Client, operator: User, admin_user: User
) -> None:
    foreign = channels.create(
        actor=Actor.person(admin_user), name="Of Ada", recipients=["ada@northwind.example"]
    )
    html = olga.get("/automations/new/?kind=tests.count").content.decode()
    assert "Of Ada" not in html
    sent = {"name": "x", "p-rows": "1", "channel": str(foreign.pk)}
    assert olga.post("/automations/new/?kind=tests.count", sent).status_code == 400


def test_a_kind_that_is_gone_leaves_a_page_that_says_so(olga: Client, operator: User) -> None:
    automation = make_automation(operator)
    Automation.objects.update(kind="tests.gone")
    html = olga.get(page(automation)).content.decode()
    assert "does not know this kind of automation" in html
    assert olga.get(LIST).status_code == 200
    assert olga.get(page(automation, "automation-edit")).status_code == 404
