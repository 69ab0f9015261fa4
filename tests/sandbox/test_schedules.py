"""Schedules: how they are written, when they are due, and that runs keep to them."""

import xml.etree.ElementTree as ET
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.clock import parse_stamp, stamp
from sandbox.company import CLIENT, EDI_ATOM, MOLECULE, TEST_ATOM
from sandbox.faults import Faults
from sandbox.processes import ORDER_INTAKE, PAYROLL, SHIPMENT_TRACKING, STOCK_LEVELS
from sandbox.schedules import Entry, ScheduleError, due_on, entries_of
from sandbox.server import Sandbox
from tests.sandbox.caller import Caller, group, simple
from tests.sandbox.conftest import EPOCH

MINUTE = timedelta(minutes=1)
MONDAY = date(2026, 3, 9)


def of(caller, process, runtime=MOLECULE, name="ProcessSchedules"):
    expression = group(
        "and",
        simple("processId", "EQUALS", process.process_id),
        simple("atomId", "EQUALS", runtime.atom_id),
    )
    (found,) = caller.query(name, expression)["result"]
    return found


def entries(row):
    return [Entry(**{k: v for k, v in line.items() if k != "@type"}) for line in row["Schedule"]]


def starts(caller, process, after):
    expression = group(
        "and",
        simple("processId", "EQUALS", process.process_id),
        simple("executionTime", "GREATER_THAN", stamp(after)),
        simple("executionType", "EQUALS", "exec_sched"),
    )
    rows = caller.everything("ExecutionRecord", expression)
    return [parse_stamp(row["executionTime"]) for row in rows]


@pytest.mark.parametrize(
    ("entry", "times"),
    [
        (Entry("5,35", "6"), ["06:05", "06:35"]),
        (Entry("0", "8-10"), ["08:00", "09:00", "10:00"]),
        (Entry("0", "0-23/8"), ["00:00", "08:00", "16:00"]),
        (Entry("*/20", "3"), ["03:00", "03:20", "03:40"]),
        (Entry("10/25", "3"), ["03:10", "03:35"]),
        (Entry("0", "7", daysOfWeek="1"), []),
        (Entry("0", "7", daysOfWeek="2-6"), ["07:00"]),
        (Entry("0", "7", daysOfMonth="9", months="3", years="2026"), ["07:00"]),
        (Entry("0", "7", years="2027"), []),
    ],
)
def test_an_entry_is_due_when_all_its_parts_fit(entry, times):
    assert [f"{at:%H:%M}" for at in due_on([entry], MONDAY)] == times


def test_two_entries_that_meet_are_due_once():
    both = [Entry("0", "7"), Entry("0", "7-8")]
    assert due_on(both, MONDAY) == [
        datetime(2026, 3, 9, 7, tzinfo=UTC),
        datetime(2026, 3, 9, 8, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("part", "text"),
    [("minutes", "60"), ("hours", "9-7"), ("daysOfWeek", "0"), ("months", "x"), ("minutes", "*/0")],
)
def test_a_part_that_cannot_be_read_is_named(part, text):
    entry = Entry(**{"minutes": "0", "hours": "0", part: text})
    with pytest.raises(ScheduleError, match=f"'{text}' is invalid for property '{part}'"):
        entry.check()


@pytest.mark.parametrize(
    ("process", "minutes", "hours", "days"),
    [
        (ORDER_INTAKE, "5,35", "*", "*"),
        (STOCK_LEVELS, "20", "0-22/2", "*"),
        (PAYROLL, "30", "2", "2-6"),
        (SHIPMENT_TRACKING, "25", "1-22/3", "*"),
    ],
)
def test_a_rhythm_is_written_the_way_a_person_would(process, minutes, hours, days):
    (entry,) = entries_of(process.rhythm)
    assert (entry.minutes, entry.hours, entry.daysOfWeek) == (minutes, hours, days)


def test_every_deployed_process_has_a_schedule_and_a_status(reader):
    schedules = {row["id"]: row for row in reader.everything("ProcessSchedules")}
    states = {row["id"]: row for row in reader.everything("ProcessScheduleStatus")}
    assert schedules.keys() == states.keys()
    assert any(not row["Schedule"] for row in schedules.values())
    assert [row["processId"] for row in states.values() if not row["enabled"]] == [
        SHIPMENT_TRACKING.process_id
    ]


def test_scheduled_runs_start_when_their_schedule_says_or_were_missed(reader):
    """The whole visible month: no run without a due time, no due time without a run or a reason."""
    now = EPOCH - timedelta(hours=1)
    first = (now - timedelta(days=29)).date()
    expression = simple("executionType", "EQUALS", "exec_sched")
    ran = defaultdict(set)
    for row in reader.everything("ExecutionRecord", expression):
        at = parse_stamp(row["executionTime"])
        if first <= at.date() and at < now:
            ran[row["processId"], row["atomId"]].add(at.replace(second=0))
    running = {row["id"] for row in reader.everything("ProcessScheduleStatus") if row["enabled"]}
    due = defaultdict(set)
    for row in reader.everything("ProcessSchedules"):
        for offset in range(31 if row["id"] in running else 0):
            times = due_on(entries(row), first + timedelta(days=offset))
            due[row["processId"], row["atomId"]].update(at for at in times if at < now)
    missed = {at for key in due for at in due[key] - ran[key]}
    window = reader.sandbox.truth.missed
    assert [ran[key] - due[key] for key in ran if ran[key] - due[key]] == []
    kind = simple("eventType", "EQUALS", "process.missedSchedule")
    (overload,) = reader.everything("Event", kind)
    reported = parse_stamp(overload["eventDate"]) - timedelta(minutes=2)
    explained = {at for at in missed if window.start <= at < window.end} | {reported}
    assert missed == explained
    assert set(window.due) <= missed


def test_a_schedule_can_be_replaced_and_later_runs_keep_to_it(sandbox, caller):
    row = of(caller, STOCK_LEVELS)
    changed = {**row, "Schedule": [{"minutes": "*/10", "hours": "*"}]}
    answer = caller.post(f"ProcessSchedules/{row['id']}", changed)
    assert answer.json()["Schedule"][0]["daysOfWeek"] == "*"
    assert caller.get(f"ProcessSchedules/{row['id']}").json() == answer.json()
    sandbox.clock.advance(timedelta(hours=1, minutes=1))
    assert {at.minute for at in starts(caller, STOCK_LEVELS, EPOCH)} == {0, 10, 20, 30, 40, 50}


def test_a_paused_schedule_starts_nothing_until_it_is_resumed(sandbox, caller):
    row = of(caller, ORDER_INTAKE, name="ProcessScheduleStatus")
    path = f"ProcessScheduleStatus/{row['id']}"
    assert caller.post(path, {**row, "enabled": False}).json()["enabled"] is False
    sandbox.clock.advance(timedelta(hours=1))
    assert starts(caller, ORDER_INTAKE, EPOCH) == []
    caller.post(path, {**row, "enabled": True})
    sandbox.clock.advance(timedelta(hours=1))
    found = starts(caller, ORDER_INTAKE, EPOCH)
    assert sorted(at.replace(second=0) for at in found) == [
        EPOCH + timedelta(hours=1) + m * MINUTE for m in (5, 35)
    ]


def test_changes_are_audited_with_who_and_what(sandbox, caller):
    row = of(caller, ORDER_INTAKE)
    caller.post(f"ProcessSchedules/{row['id']}", {**row, "Schedule": []})
    caller.post(f"ProcessScheduleStatus/{row['id']}", {"enabled": False})
    sandbox.clock.advance(timedelta(seconds=5))
    expression = group(
        "and",
        simple("type", "EQUALS", "as.schedules"),
        simple("date", "GREATER_THAN_OR_EQUAL", stamp(EPOCH)),
    )
    found = caller.everything("AuditLog", expression)
    assert {(e["action"], e["modifier"]) for e in found} == {("UPDATE", "NONE"), ("STOP", "SINGLE")}
    update = next(e for e in found if e["action"] == "UPDATE")
    values = {p["name"]: p for p in update["AuditLogProperty"]}
    assert values["PROCESS_ID"]["value"] == ORDER_INTAKE.process_id
    assert values["SCHEDULE"]["previousValue"] == "5,35 * * * * *"


def test_a_schedule_can_be_replaced_in_xml(caller):
    row = of(caller, STOCK_LEVELS, TEST_ATOM)
    body = (
        '<ProcessSchedules xmlns="http://api.platform.boomi.com/">'
        '<Schedule minutes="15" hours="4" daysOfWeek="1,7"/>'
        '<Retry maxRetry="2"><Schedule minutes="30" hours="4"/></Retry></ProcessSchedules>'
    )
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    answer = caller.post(f"ProcessSchedules/{row['id']}/update", data=body, headers=headers)
    assert ET.fromstring(answer.content)[0].get("daysOfWeek") == "1,7"
    kept = caller.get(f"ProcessSchedules/{row['id']}").json()
    assert kept["Retry"]["maxRetry"] == 2
    assert kept["Retry"]["Schedule"][0]["minutes"] == "30"


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("ProcessSchedules", {"Schedule": [{"minutes": "99", "hours": "1"}]}, "'99' is invalid"),
        ("ProcessSchedules", {"Schedule": "daily"}, "must be a list"),
        ("ProcessSchedules", {"Schedule": ["daily"]}, "list of objects"),
        ("ProcessSchedules", {"Retry": {"maxRetry": 9}}, "'9' is invalid"),
        ("ProcessSchedules", {"atomId": "other"}, "does not belong"),
        ("ProcessScheduleStatus", {"enabled": "perhaps"}, "true or false"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_changes_nothing(caller, name, values, said):
    row = of(caller, ORDER_INTAKE, name=name)
    refused = caller.post(f"{name}/{row['id']}", values)
    assert refused.status_code == 400
    assert said in refused.json()["message"]
    assert of(caller, ORDER_INTAKE, name=name) == row


def test_an_unknown_schedule_and_a_bulk_update_are_refused(caller):
    unknown = caller.post("ProcessSchedules/nope", {"Schedule": []})
    assert (unknown.status_code, unknown.json()["message"]) == (
        400,
        "ProcessSchedulesId nope is invalid.",
    )
    bulk = caller.post("ProcessSchedules/bulk", {"type": "UPDATE", "request": [{"id": "x"}]})
    assert "one request per schedule" in bulk.json()["message"]


def test_schedules_need_their_privilege_and_their_account(sandbox, caller):
    row = of(caller, ORDER_INTAKE)
    stranger = Caller(sandbox, CLIENT)
    assert stranger.post(f"ProcessSchedules/{row['id']}", {"Schedule": []}).status_code == 400
    sandbox.faults = Faults(missing_privileges={"SCHEDULE_MAINTENANCE"})
    assert caller.post(f"ProcessSchedules/{row['id']}", {"Schedule": []}).status_code == 403


def test_a_changed_schedule_survives_a_restart(tmp_path):
    path = tmp_path / "state.sqlite3"
    with Sandbox(path, scenario="small", rate_limit=0, epoch=EPOCH) as first:
        caller = Caller(first)
        row = of(caller, SHIPMENT_TRACKING, EDI_ATOM)
        caller.post(f"ProcessSchedules/{row['id']}", {"Schedule": [{"minutes": "1", "hours": "1"}]})
    with Sandbox(path, scenario="small", rate_limit=0) as second:
        kept = of(Caller(second), SHIPMENT_TRACKING, EDI_ATOM)
    assert (kept["Schedule"][0]["minutes"], len(kept["Schedule"])) == ("1", 1)
