"""The base of the viewsets, tried on the endpoints of this floor."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from common import audit
from common.actors import Actor
from common.api import pagination
from common.api.views import accepted
from common.models import ApiToken, AuditEvent, User
from tests.common.api.conftest import Caller

TOKENS = "/api/v1/tokens/"
EVENTS = "/api/v1/audit-events/"


def session(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def make_events(user: User, count: int, **values: object) -> None:
    for number in range(count):
        audit.record(Actor.person(user), f"test.row.made{number:02}", user, **values)


def test_people_see_their_own_tokens_only(viewer: User, operator: User, caller: Caller) -> None:
    caller(operator)
    body = caller(viewer).get(TOKENS).json()
    assert [row["user"] for row in body["results"]] == [viewer.email]


def test_what_one_may_not_see_is_not_found(viewer: User, operator: User, caller: Caller) -> None:
    caller(operator)
    foreign = ApiToken.objects.get(user=operator)
    answer = caller(viewer).get(f"{TOKENS}{foreign.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_token_is_shown_once(viewer: User) -> None:
    client = session(viewer)
    made = client.post(TOKENS, {"name": "script", "scope": "write"})
    assert made.status_code == 201
    assert made.json()["token"].startswith("bop_")
    again = client.get(f"{TOKENS}{made.json()['id']}/").json()
    assert "token" not in again


def test_deleting_a_token_revokes_it(viewer: User) -> None:
    client = session(viewer)
    made = client.post(TOKENS, {"name": "script"}).json()
    assert client.delete(f"{TOKENS}{made['id']}/").status_code == 204
    assert not ApiToken.objects.get(pk=made["id"]).is_live
    assert client.delete(f"{TOKENS}{made['id']}/").status_code == 403


def test_a_wrong_form_names_its_fields(viewer: User) -> None:
    answer = session(viewer).post(TOKENS, {"scope": "everything"})
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"name", "scope"}


@pytest.mark.parametrize("person", ["viewer", "operator", "developer", "stranger"])
def test_the_audit_trail_is_for_admins(request: pytest.FixtureRequest, person: str) -> None:
    answer = session(request.getfixturevalue(person)).get(EVENTS)
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


def test_a_list_comes_in_pages_with_links(admin_user: User) -> None:
    client = session(admin_user)
    make_events(admin_user, 5)
    total = AuditEvent.objects.count()
    first = client.get(EVENTS, {"page_size": 2}).json()
    assert (first["total"], first["total_is_exact"], len(first["results"])) == (total, True, 2)
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert second["page"] == 2
    assert second["previous"] == f"http://testserver{EVENTS}?page_size=2"


def test_the_last_page_has_no_next(admin_user: User) -> None:
    make_events(admin_user, 3)
    body = session(admin_user).get(EVENTS, {"action": "test.row", "page_size": 3}).json()
    assert (body["next"], body["total"]) == (None, 3)


def test_a_page_beyond_the_end_is_empty(admin_user: User) -> None:
    body = session(admin_user).get(EVENTS, {"page": 999}).json()
    assert (body["results"], body["next"]) == ([], None)


def test_counting_stops_at_the_limit(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "COUNT_LIMIT", 3)
    make_events(admin_user, 6)
    body = session(admin_user).get(EVENTS, {"page_size": 2}).json()
    assert (body["total"], body["total_is_exact"]) == (3, False)


@pytest.mark.parametrize(
    "query",
    [{"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page_size": "501"}, {"page": "9" * 40},
     {"page": "²"}, {"ordering": "password"}, {"ordering": "at,,"}, {"export": "xml"},
     {"outcom": "done"}, {"outcome": "nonsense"}, {"after": "yesterday"}],
)  # fmt: skip
def test_a_wrong_parameter_is_named(admin_user: User, query: dict[str, str]) -> None:
    answer = session(admin_user).get(EVENTS, query)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(query)


def test_filters_and_ordering_work_together(admin_user: User) -> None:
    make_events(admin_user, 3)
    rows = session(admin_user).get(EVENTS, {"action": "test.row", "ordering": "at"}).json()
    assert [row["action"][-2:] for row in rows["results"]] == ["00", "01", "02"]


def test_values_before_and_after_are_objects(admin_user: User) -> None:
    make_events(admin_user, 1, after={"name": "x", "password": "hunter2"})
    row = session(admin_user).get(EVENTS, {"action": "test.row"}).json()["results"][0]
    assert row["after"] == {"name": "x", "password": "•••"}


def test_one_damaged_event_hides_no_other(admin_user: User) -> None:
    make_events(admin_user, 3, after={"name": "x"})
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE common_auditevent SET after = 'v1:not:readable' WHERE action LIKE '%01'"
        )
    rows = session(admin_user).get(EVENTS, {"action": "test.row"}).json()["results"]
    assert [set(row["after"]) for row in rows] == [{"name"}, {"unreadable"}, {"name"}]
    export = session(admin_user).get(EVENTS, {"action": "test.row", "export": "json"})
    assert len(json.loads(b"".join(export))) == 3


def test_csv_holds_everything_the_filter_selects(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.exports.BATCH", 3)
    make_events(admin_user, 8)
    make_events(admin_user, 1, note="=HYPERLINK(1)")
    answer = session(admin_user).get(EVENTS, {"action": "test.row", "export": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    assert 'filename="audit-events.csv"' in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert len(rows) == 9
    assert rows[0]["note"] == "'=HYPERLINK(1)"
    assert list(rows[0])[:3] == ["id", "uid", "at"]


def test_json_export_is_one_array(admin_user: User) -> None:
    make_events(admin_user, 3)
    answer = session(admin_user).get(EVENTS, {"action": "test.row", "export": "json"})
    assert len(json.loads(b"".join(answer))) == 3


def test_an_empty_export_is_well_formed(viewer: User) -> None:
    assert json.loads(b"".join(session(viewer).get(TOKENS, {"export": "json"}))) == []
    lines = b"".join(session(viewer).get(TOKENS, {"export": "csv"})).decode().splitlines()
    assert len(lines) == 1


def test_an_export_holds_only_what_one_may_see(
    viewer: User, operator: User, caller: Caller
) -> None:
    caller(operator)
    assert json.loads(b"".join(session(viewer).get(TOKENS, {"export": "json"}))) == []


@pytest.mark.parametrize("url", [TOKENS, EVENTS])
def test_a_list_costs_the_same_for_many_rows(admin_user: User, caller: Caller, url: str) -> None:
    client = session(admin_user)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    caller(admin_user)
    few = count()
    for _ in range(20):
        caller(admin_user)
    assert count() <= few


def test_accepted_names_where_to_ask() -> None:
    class Run:
        pk, title, status = 7, "Sync", "queued"

    answer = accepted(Run())
    assert (answer.status_code, answer["Location"]) == (202, "/api/v1/jobs/7/")


def test_an_impossible_key_is_not_found(admin_user: User) -> None:
    for key in ("x", "99999999999999999999", "-1"):
        assert session(admin_user).get(f"{TOKENS}{key}/").status_code == 404


def test_the_chain_can_be_verified(admin_user: User) -> None:
    make_events(admin_user, 2)
    body = session(admin_user).get(f"{EVENTS}verify/").json()
    assert body["ok"] is True
    assert body["unsealed"] >= 2


def test_an_unknown_parameter_is_refused_and_the_hint_names_those_there_are(
    viewer: User, caller: Caller
) -> None:
    answer = caller(viewer).get(TOKENS, {"name_min": "3"})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert "_max" not in answer.json()["hint"]
