"""The page of all schedules, the editor with its live rail, pause and resume."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.actors import Actor
from common.models import AuditEvent, User
from common.registry import Panel, registry
from scheduling.models import Automation, Occurrence, Schedule
from scheduling.services import schedules
from tests.scheduling.builders import make_automation, make_schedule
from tests.signed_in import browser
from tests.visits import queries_of

pytestmark = pytest.mark.django_db
LIST = "/schedules/"
PREVIEW = "/schedules/preview/"
NEW = {
    "cron_0": "30", "cron_1": "6", "cron_2": "*", "cron_3": "*", "cron_4": "1-5",
    "zone": "Europe/Berlin", "overlap": "skip", "catch_up": "once", "enabled": "on",
}  # fmt: skip


@pytest.fixture
def olga(operator: User) -> Client:
    return browser(operator)


@pytest.fixture
def automation(operator: User) -> Automation:
    return make_automation(operator)


def new_url(automation: Automation) -> str:
    return reverse("schedule-new", args=[automation.pk])


def url(schedule: Schedule, verb: str) -> str:
    return reverse(f"schedule-{verb}", args=[schedule.pk])


def pause(schedule: Schedule, reason: str = "Holidays.") -> None:
    actor = Actor.person(schedule.automation.owner)
    schedules.pause(schedule, actor=actor, until=None, reason=reason)


def rail(client: Client, **values: str) -> str:
    html: str = client.get(f"{PREVIEW}?{urlencode(values)}").json()["html"]
    return html


# --- List -------------------------------------------------------------------------------


def test_what_is_due_next_comes_first(olga: Client, operator: User) -> None:
    now = timezone.now()
    for name, hours in (("Later", 5), ("Soon", 1), ("Much later", 50)):
        make_schedule(make_automation(operator, name), due=now + timedelta(hours=hours))
    rows = olga.get(LIST).context["rows"]
    assert [row.schedule.automation.name for row in rows] == ["Soon", "Later", "Much later"]


def test_the_day_ahead_draws_what_starts_within_a_day(olga: Client, operator: User) -> None:
    make_schedule(make_automation(operator, "Often"), cron="0 */6 * * *")
    make_schedule(make_automation(operator, "Never soon"), cron="0 0 29 2 *")
    ahead = olga.get(LIST).context["ahead"]
    assert [lane.schedule.automation.name for lane in ahead.lanes] == ["Often"]
    assert len(ahead.lanes[0].marks) in {4, 5}


def test_paused_ones_stay_in_the_list_with_their_reason(
    olga: Client, automation: Automation
) -> None:
    pause(make_schedule(automation), "The account is being rebuilt.")
    html = olga.get(LIST).content.decode()
    assert "The account is being rebuilt." in html
    assert ">Resume</button>" in html


@pytest.mark.parametrize("state", ["due", "paused", "off"])
def test_states_are_filtered(olga: Client, operator: User, state: str) -> None:
    make_schedule(make_automation(operator, "due"))
    pause(make_schedule(make_automation(operator, "paused")))
    make_schedule(make_automation(operator, "off"), enabled=False)
    rows = olga.get(f"{LIST}?state={state}").context["rows"]
    assert [(row.schedule.automation.name, row.state) for row in rows] == [(state, state)]


def test_a_pause_that_ran_out_is_none(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    pause(schedule)
    Schedule.objects.update(paused_until=timezone.now() - timedelta(minutes=1))
    (row,) = olga.get(f"{LIST}?state=due").context["rows"]
    assert row.state == "due"


def test_what_the_filters_select_is_exported(olga: Client, automation: Automation) -> None:
    pause(make_schedule(automation))
    make_schedule(automation, cron="5 * * * *")
    csv = b"".join(olga.get(f"{LIST}?export=csv&state=paused")).decode()
    assert "Holidays." in csv
    assert ",5 * * * *," not in csv


def test_others_see_nothing_of_it(client: Client, viewer: User, automation: Automation) -> None:
    schedule = make_schedule(automation)
    client.force_login(viewer)
    assert client.get(LIST).context["rows"] == []
    for verb in ("edit", "delete", "pause"):
        assert client.get(url(schedule, verb)).status_code == 404
    assert client.post(url(schedule, "resume")).status_code == 404


def test_the_list_takes_as_many_queries_for_many_rows_as_for_two(
    olga: Client, operator: User
) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            schedule = make_schedule(make_automation(operator, f"Count {number}"))
            for hour in range(7):
                due = timezone.now() - timedelta(hours=hour)
                Occurrence.objects.create(schedule=schedule, due_at=due, outcome="missed")

    fill(0, 2)
    few = queries_of(olga, LIST)
    fill(2, 20)
    assert queries_of(olga, LIST) == few


def test_other_apps_show_their_schedules_below(
    olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = Panel(
        "schedules.platform", "test", "parts/empty_state.html",
        lambda actor, page: {"title": "Of the platform", "icon": "cloud"},
    )  # fmt: skip
    monkeypatch.setitem(registry.panels, "schedules.platform", [panel])
    assert "Of the platform" in olga.get(LIST).content.decode()


# --- Editor -----------------------------------------------------------------------------


def test_a_schedule_is_added(olga: Client, automation: Automation) -> None:
    answer = olga.post(new_url(automation), NEW)
    assert answer["Location"] == reverse("automation", args=[automation.pk])
    made = Schedule.objects.get()
    assert (made.cron, made.zone, made.enabled) == ("30 6 * * 1-5", "Europe/Berlin", True)


def test_a_whole_expression_may_stand_in_the_first_field(
    olga: Client, automation: Automation
) -> None:
    empty = dict.fromkeys(("cron_1", "cron_2", "cron_3", "cron_4"), "")
    olga.post(new_url(automation), {**NEW, **empty, "cron_0": "*/20 8-9 * * *"})
    assert Schedule.objects.get().cron == "*/20 8-9 * * *"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cron_0", "61", "not between 0 and 59"),
        ("cron_1", "24", "not between 0 and 23"),
        ("cron_2", "", "Day of month is empty"),
        ("cron_4", "FUN", "is not a day of week"),
    ],
)
def test_the_field_that_is_wrong_is_marked(
    olga: Client, automation: Automation, field: str, value: str, said: str
) -> None:
    answer = olga.post(new_url(automation), {**NEW, field: value})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    wrong = [cell.name for cell in answer.context["cells"] if cell.is_wrong]
    assert wrong == [field]
    assert not Schedule.objects.exists()


def test_an_unknown_zone_is_told_at_the_zone(olga: Client, automation: Automation) -> None:
    answer = olga.post(new_url(automation), {**NEW, "zone": "Mars/Olympus"})
    assert answer.status_code == 400
    assert 'id="id_zone_error"' in answer.content.decode()


def test_the_same_schedule_twice_is_refused(olga: Client, automation: Automation) -> None:
    olga.post(new_url(automation), NEW)
    answer = olga.post(new_url(automation), NEW)
    assert answer.status_code == 400
    assert "The automation has this schedule already." in answer.content.decode()


def test_looking_at_the_next_times_saves_nothing(olga: Client, automation: Automation) -> None:
    html = olga.post(new_url(automation), {**NEW, "check": "1"}).content.decode()
    assert "At 06:30" in html
    assert not Schedule.objects.exists()


def test_a_helper_fills_the_form_without_scripts(olga: Client, automation: Automation) -> None:
    answer = olga.get(f"{new_url(automation)}?cron=*/15+*+*+*+*")
    assert [cell.value for cell in answer.context["cells"]] == ["*/15", "*", "*", "*", "*"]


def test_a_new_schedule_begins_in_the_zone_of_its_maker(
    olga: Client, operator: User, automation: Automation
) -> None:
    User.objects.filter(pk=operator.pk).update(time_zone="Asia/Tokyo")
    answer = olga.get(new_url(automation))
    assert answer.context["form"]["zone"].value() == "Asia/Tokyo"
    assert answer.context["zones"][:2] == ["Asia/Tokyo", "UTC"]


def test_a_schedule_is_changed(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    olga.post(url(schedule, "edit"), {**NEW, "overlap": "wait"})
    schedule.refresh_from_db()
    assert (schedule.cron, schedule.overlap) == ("30 6 * * 1-5", "wait")


def test_a_schedule_is_deleted_after_a_question(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    assert "Delete this schedule?" in olga.get(url(schedule, "delete")).content.decode()
    olga.post(url(schedule, "delete"))
    assert not Schedule.objects.exists()


# --- Live rail --------------------------------------------------------------------------


def test_the_rail_says_it_in_words_with_five_times(olga: Client) -> None:
    html = rail(olga, cron="30 6 * * 1-5", zone="Europe/Berlin")
    assert "At 06:30, Monday through Friday" in html
    assert html.count(" 06:30</td>") == 5
    assert "UTC (you)" in html


def test_the_rail_takes_the_five_fields_as_well(olga: Client) -> None:
    assert "At 06:30" in rail(olga, **NEW)


def test_the_rail_warns_of_a_time_the_clocks_skip(olga: Client) -> None:
    html = rail(olga, cron="30 2 * * *", zone="Europe/Berlin")
    assert "02:30 does not exist on" in html
    assert "it runs at 03:00 instead." in html
    assert "02:30 comes twice on" in html


def test_the_rail_names_the_field_that_is_wrong(olga: Client) -> None:
    html = rail(olga, cron="0 25 * * *", zone="UTC")
    assert 'data-valid="false"' in html
    assert 'data-wrong="hour"' in html


@pytest.mark.parametrize("cron", ["", "\0", "* * * *", "<b>", "9" * 500])
def test_the_rail_never_breaks(olga: Client, cron: str) -> None:
    html = rail(olga, cron=cron, zone="UTC")
    assert 'data-valid="false"' in html
    assert "<b>" not in html


# --- Pause ------------------------------------------------------------------------------


def test_a_pause_needs_a_reason(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    assert olga.post(url(schedule, "pause"), {"reason": ""}).status_code == 400


def test_a_pause_does_not_end_in_the_past(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    sent = {"reason": "x", "until": "2001-01-01T00:00"}
    html = olga.post(url(schedule, "pause"), sent).content.decode()
    assert "Choose a moment in the future." in html


def test_paused_with_a_reason_and_resumed(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    olga.post(url(schedule, "pause"), {"reason": "Holidays.", "until": "2190-01-01T00:00"})
    page = olga.get(reverse("automation", args=[automation.pk])).content.decode()
    assert "Paused until" in page
    assert "Holidays." in page
    olga.post(url(schedule, "resume"))
    schedule.refresh_from_db()
    assert not schedule.paused_by
    names = AuditEvent.objects.values_list("action", flat=True)
    assert {"scheduling.schedule.paused", "scheduling.schedule.resumed"} <= set(names)


def test_what_is_not_paused_is_not_resumed(olga: Client, automation: Automation) -> None:
    schedule = make_schedule(automation)
    html = olga.post(url(schedule, "resume"), follow=True).content.decode()
    assert "This schedule is not paused." in html


def test_the_past_of_a_schedule_stands_beside_its_future(
    olga: Client, automation: Automation
) -> None:
    schedule = make_schedule(automation)
    for hour in range(7):
        due = timezone.now() - timedelta(hours=hour)
        Occurrence.objects.create(schedule=schedule, due_at=due, outcome="paused", times=12)
    answer = olga.get(reverse("automation", args=[automation.pk]))
    (card,) = answer.context["cards"]
    assert len(card.occurrences) == 5
    assert "12 times" in answer.content.decode()
