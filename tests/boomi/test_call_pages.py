"""The call log and the usage page: who sees what, what is counted, and how much it costs."""

import time
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boomi import usage, usage_page
from boomi.models import Account, AccountGrant, ApiCall, CallCount, Circuit
from boomi.usage import Sums, Usage
from common.actors import Actor
from common.models import Team, User
from tests.boomi import rows
from tests.visits import html_of, queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MINE = "northwind-7Q2K9D"


@pytest.fixture
def mine(operator: User):
    return rows.connect(operator)


@pytest.fixture
def theirs(developer: User):
    return rows.connect(developer, rows.make_account("elsewhere-A1B2C3"), name="Theirs")


def hour(back: int = 0):
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    return now - timedelta(hours=back)


def count(calls: int = 1, back: int = 0, **values: object) -> CallCount:
    known: dict[str, object] = {
        "hour": hour(back), "service": "boomi", "account_id": MINE, "feature": "sync.events",
        "purpose": "background", "outcome": "2xx", "final": True, "duration_ms": 100 * calls,
        "response_bytes": 1000 * calls,
    }  # fmt: skip
    return CallCount.objects.create(calls=calls, **{**known, **values})


def test_the_log_shows_calls_of_own_connections_only(client, operator, mine, theirs):
    rows.make_call(connection_id=mine.pk, path="/api/mine")
    rows.make_call(connection_id=theirs.pk, path="/api/theirs")
    page = html_of(client, operator, "/calls/")
    assert "/api/mine" in page
    assert "/api/theirs" not in page


def test_an_admin_sees_all_calls(client, admin_user, mine, theirs):
    for row in (mine, theirs):
        rows.make_call(connection_id=row.pk, path=f"/api/{row.pk}")
    page = html_of(client, admin_user, "/calls/")
    assert all(f"/api/{row.pk}" in page for row in (mine, theirs))


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("", ["a", "b", "c", "d", "e"]),
        ("status=2xx", ["a", "e"]),
        ("status=503", ["b"]),
        ("status=5xx", ["b"]),
        ("status=4xx", ["c"]),
        ("status=none", ["d"]),
        ("errors=true", ["b", "c", "d"]),
        ("errors=false", ["a", "e"]),
        ("feature=log.fetch", ["e"]),
        (f"account={MINE}", ["a", "b", "c", "d", "e"]),
        ("after=2026-09-14T07:00Z", ["e"]),
        ("before=2026-09-14T07:00Z", ["a", "b", "c", "d"]),
    ],
)
def test_the_log_is_filtered(client, operator, mine, query, paths):
    later = rows.START + timedelta(hours=2)
    rows.make_call(connection_id=mine.pk, path="/x/a")
    rows.make_call(connection_id=mine.pk, path="/x/b", status=503, error="API_RATE_LIMIT")
    rows.make_call(connection_id=mine.pk, path="/x/c", status=403, error="ACCESS_DENIED")
    rows.make_call(connection_id=mine.pk, path="/x/d", status=None, error="TIMEOUT")
    rows.make_call(connection_id=mine.pk, path="/x/e", error="NOT_READY", feature="log.fetch",
                   at=later)  # fmt: skip
    count(feature="log.fetch")
    page = html_of(client, operator, f"/calls/?{query}")
    assert [name for name in "abcde" if f"/x/{name}<" in page] == paths


def test_a_log_too_long_to_count_shows_its_newest_calls(client, operator, mine, monkeypatch):
    monkeypatch.setattr("common.paging.COUNT_LIMIT", 60)
    for number in range(60):
        rows.make_call(connection_id=mine.pk, path=f"/x/{number:03d}")
    assert "newest calls" not in html_of(client, operator, "/calls/")
    rows.make_call(connection_id=mine.pk, path="/x/060")
    page = html_of(client, operator, "/calls/?page=2")
    assert "newest calls" in page
    assert "/x/001" in page
    assert "/x/000" not in page


def test_the_log_is_filtered_by_connection(client, operator, mine):
    rows.make_call(connection_id=mine.pk, path="/x/a")
    assert "/x/a" in html_of(client, operator, f"/calls/?connection={mine.pk}")


def test_the_connection_of_somebody_else_is_no_filter(client, operator, mine, theirs):
    page = html_of(client, operator, f"/calls/?connection={theirs.pk}")
    assert "Theirs" not in page
    assert "Select a valid choice" in page


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_log_is_exported_as_filtered(client, operator, mine, kind):
    rows.make_call(connection_id=mine.pk, path="/x/a")
    rows.make_call(connection_id=mine.pk, path="/x/b", status=503)
    client.force_login(operator)
    answer = client.get(f"/calls/?status=503&export={kind}")
    text = b"".join(answer.streaming_content).decode()
    assert "/x/b" in text
    assert "/x/a" not in text


def test_usage_is_of_the_accounts_one_sees(client, operator, viewer, mine, theirs):
    count(7)
    count(9, account_id="elsewhere-A1B2C3")
    assert "elsewhere-A1B2C3" not in html_of(client, operator, "/usage/")
    assert "No calls yet" in html_of(client, viewer, "/usage/")
    team = Team.objects.create(name="Readers")
    team.members.add(viewer)
    AccountGrant.objects.create(account=mine.account, team=team)
    assert MINE in html_of(client, viewer, "/usage/")


def test_the_gauge_counts_the_last_minute_and_hour_and_warns_at_eighty_percent(mine, settings):
    settings.API_REQUESTS_PER_MINUTE = 10
    now = timezone.now()
    for seconds in (1, 2, 3, 4, 5, 6, 7, 100, 3700):
        rows.make_call(at=now - timedelta(seconds=seconds))
    (gauge,) = usage.gauges([mine.account], now)
    assert (gauge.minute, gauge.hour, gauge.hour_cap) == (7, 8, 600)
    assert not gauge.is_high
    rows.make_call(at=now - timedelta(seconds=8))
    (gauge,) = usage.gauges([mine.account], now)
    assert gauge.is_high
    tone, sentence = usage_page.advice([gauge], Usage())
    assert tone == "warn"
    assert "80%" in sentence


def test_the_page_says_when_the_platform_does_not_answer(client, operator, mine):
    count()
    Circuit.objects.create(account_id=MINE, state="open", reason="It did not answer in time.")
    page = html_of(client, operator, "/usage/")
    assert "It did not answer in time." in page
    assert "nothing is called until a trial succeeds" in page


def test_failures_and_throttling_are_told_apart():
    found = Sums()
    for row in (
        CallCount(calls=96, final=True, outcome="2xx"),
        CallCount(calls=5, final=False, outcome="503"),
        CallCount(calls=1, final=True, outcome="503"),
        CallCount(calls=2, final=True, outcome="4xx"),
        CallCount(calls=1, final=True, outcome="none"),
    ):
        found.add(row)
    assert (found.calls, found.asked, found.failed, found.throttled) == (105, 100, 2, 6)


def test_bars_are_stacked_from_zero_and_add_up(mine):
    for number, feature in enumerate("abcdefg", start=1):
        count(10 * number, back=1, feature=feature)
    hours = usage_page.hours_of(timedelta(hours=24), timezone.now())
    drawn = usage_page.chart(usage.of([MINE], hours[0]), hours, 1)
    assert len(drawn.columns) == 24
    assert drawn.names[-1] == "Others"
    (full,) = [column for column in drawn.columns if column.total]
    assert full is drawn.columns[-2]
    assert (full.total, full.counts[-1]) == (280, 30)
    assert sum(part.height for part in full.segments) == pytest.approx(drawn.height, abs=0.1)
    assert drawn.cap_y is None


def test_the_cap_is_drawn_where_it_is_near(mine, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    count(40)
    hours = usage_page.hours_of(timedelta(hours=24), timezone.now())
    drawn = usage_page.chart(usage.of([MINE], hours[0]), hours, 1)
    assert drawn.cap_y == 0
    assert max(part.height for part in drawn.columns[-1].segments) == 80


def test_the_rest_of_the_day_is_expected_like_the_last_one():
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    six = midnight + timedelta(hours=6)
    assert usage.forecast(2400, 500, six, midnight) == 2300


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_usage_is_exported_by_hour(client, operator, mine, kind):
    count(4141)
    count(4343, back=200)
    client.force_login(operator)
    answer = client.get(f"/usage/?export={kind}")
    text = b"".join(answer.streaming_content).decode()
    assert "4141" in text
    assert "4343" not in text


def test_the_api_tells_the_same(client, operator, mine):
    count(40)
    count(2, outcome="503", final=False)
    client.force_login(operator)
    body = client.get("/api/v1/usage/").json()
    total = body["total"]
    assert (total["calls"], total["asked"], total["throttled"]) == (42, 40, 2)
    assert body["features"][0]["feature"] == "sync.events"
    assert body["hours"][-1]["calls"] == {"sync.events": 42}
    assert body["quota"][0]["circuit"] == "closed"
    assert len(client.get("/api/v1/usage/?span=7d").json()["hours"]) == 168
    assert client.get("/api/v1/usage/?span=1y").status_code == 400


def test_the_api_lists_calls_of_own_connections(client, operator, mine, theirs):
    rows.make_call(connection_id=mine.pk, status=503)
    rows.make_call(connection_id=mine.pk)
    rows.make_call(connection_id=theirs.pk)
    client.force_login(operator)
    assert client.get("/api/v1/calls/").json()["total"] == 2
    assert client.get("/api/v1/calls/?status=503").json()["total"] == 1


def test_the_pages_cost_the_same_with_more_rows(client, operator, mine):
    client.force_login(operator)
    count()
    rows.make_call(connection_id=mine.pk)
    few = queries_of(client, "/usage/"), queries_of(client, "/calls/")
    for number in range(30):
        count(back=number, feature=f"sync.{number}")
        rows.make_call(connection_id=mine.pk)
    assert (queries_of(client, "/usage/"), queries_of(client, "/calls/")) == few
    assert max(few) <= 14


@pytest.mark.parametrize("calls", [20_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_usage_of_a_busy_account_is_added_up_quickly(client: Client, operator, mine, calls):
    """So many calls lie in the log; a week at full tilt fills the sums."""
    now = timezone.now()
    ApiCall.objects.bulk_create(
        (
            ApiCall(
                at=now - timedelta(seconds=6 * number), account_id=MINE, connection_id=mine.pk,
                method="POST", path="/x", status=200, duration_ms=5, feature="sync.events",
            )
            for number in range(calls)
        ),
        batch_size=5000,
    )  # fmt: skip
    CallCount.objects.bulk_create(
        CallCount(
            hour=hour(back), service="boomi", account_id=MINE, feature=f"sync.{kind}",
            purpose="background", outcome="2xx", final=True, calls=60,
        )
        for back in range(168)
        for kind in range(14)
    )  # fmt: skip
    with CaptureQueriesContext(database) as queries:
        started = time.perf_counter()
        hours = usage_page.hours_of(timedelta(days=7), now)
        found = usage.of([MINE], hours[0])
        usage.gauges([mine.account], now)
        usage_page.today([MINE], now)
        took = time.perf_counter() - started
    assert found.total.calls == 168 * 14 * 60
    assert len(queries) == 5
    assert took < 0.2


def test_an_account_that_was_never_called_is_not_charged(operator, mine):
    Account.objects.create(account_id="quiet-A1B2C3")
    count()
    assert [one.account_id for one in usage.charged(Actor.person(operator))] == [MINE]


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ("", "Not named"),
        ("sync.audit_log", "Sync: audit log"),
        ("log.fetch", "Process logs"),
        ("other", "Other"),
    ],
)
def test_features_have_words(feature, said):
    assert usage_page.words(feature) == said
