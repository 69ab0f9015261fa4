"""The pages of the audit trail: for Admins, filtered by the address, proving the chain."""

import csv

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from common import audit, sealing, trail
from common.actors import Actor
from common.models import AuditEvent, Team, User
from tests.common.rows import make_event
from tests.visits import html_of, queries_of

pytestmark = pytest.mark.django_db
URL = "/audit/"


def shown(client: Client, query: str) -> set[str]:
    return {event.action for event in client.get(f"{URL}?{query}").context["page"]}


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("path", ["", "verify/"])
def test_only_admins_may_look(client: Client, developer: User, path: str) -> None:
    client.force_login(developer)
    answer = client.post(URL + path) if path else client.get(URL)
    assert answer.status_code == 403
    assert "This needs the role Admin." in answer.content.decode()


def test_others_learn_not_even_which_events_exist(client: Client, developer: User) -> None:
    client.force_login(developer)
    for pk in (make_event().pk, 999_999):
        assert client.get(reverse("audit-event", args=[pk])).status_code == 403


def test_the_list_narrows_by_person_object_request_and_time(admin: Client) -> None:
    team = Team.objects.create(name="Night shift")
    actor = Actor(None, "olga@northwind.example", "page", "request-0001")
    audit.record(actor, "common.team.changed", team)
    make_event("test.row.made")
    for query in ("actor=olga", "q=Night", f"object=common.team:{team.pk}",
                  "request_id=request-0001"):  # fmt: skip
        assert shown(admin, query) == {"common.team.changed"}, query
    assert shown(admin, "after=2200-01-01T00:00") == set()
    assert shown(admin, "before=2001-01-01T00:00") == set()
    assert "test.row.made" in shown(admin, "after=2001-01-01T00:00")


@pytest.mark.parametrize("query", ["after=0001-01-01T00:00", "after=soon", "outcome=odd"])
def test_a_filter_that_makes_no_sense_is_told(admin: Client, query: str) -> None:
    make_event()
    answer = admin.get(f"{URL}?{query}")
    assert answer.context["filter"].form.errors
    assert "Nothing matches these filters" in answer.content.decode()


def test_an_event_shows_before_and_after_side_by_side(admin: Client, admin_user: User) -> None:
    event = audit.record(
        Actor.person(admin_user), "common.team.changed",
        before={"name": "Day", "size": 3}, after={"name": "Night", "size": 3},
    )  # fmt: skip
    html = html_of(admin, admin_user, reverse("audit-event", args=[event.pk]))
    assert "<del>Day</del>" in html
    assert "<ins>Night</ins>" in html
    assert "<del>3</del>" not in html


def test_an_edited_event_is_marked(admin: Client, admin_user: User) -> None:
    event = make_event()
    AuditEvent.objects.filter(pk=event.pk).update(actor_text="somebody else")
    html = html_of(admin, admin_user, reverse("audit-event", args=[event.pk]))
    assert "This event was changed after it was written." in html


def test_an_unreadable_event_still_opens_and_exports(admin: Client) -> None:
    event = make_event(after={"name": "x"})
    broken = "v1:not:readable"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_auditevent SET after = %s WHERE id = %s", [broken, event.pk])
    answer = admin.get(reverse("audit-event", args=[event.pk]))
    assert "cannot be read" in answer.content.decode()
    assert b"".join(admin.get(f"{URL}?export=csv")).count(b"test.row.made") == 1


def test_verifying_a_whole_chain_says_so_and_is_audited(admin: Client) -> None:
    make_event()
    sealing.seal_pending()
    assert "The trail is whole." in admin.post(f"{URL}verify/").content.decode()
    assert AuditEvent.objects.filter(action="common.audit.verified").count() == 1


def test_verifying_an_edited_chain_names_the_event(admin: Client) -> None:
    event = make_event()
    sealing.seal_pending()
    AuditEvent.objects.filter(pk=event.pk).update(note="nothing happened")
    html = admin.post(f"{URL}verify/").content.decode()
    assert "The trail is not whole." in html
    assert reverse("audit-event", args=[event.pk]) in html


def test_verifying_needs_a_post(admin: Client) -> None:
    assert admin.get(f"{URL}verify/").status_code == 405


def test_a_trail_too_long_for_a_page_is_left_to_the_command(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "VERIFY_AT_MOST", 0)
    make_event()
    sealing.seal_pending()
    answer = admin.post(f"{URL}verify/")
    assert answer.status_code == 409
    assert "manage.py verify_audit" in answer.content.decode()


def test_the_export_holds_what_the_filters_select(admin: Client) -> None:
    make_event("test.row.made", after={"size": 3})
    make_event("test.row.lost", note="=1+1")
    text = b"".join(admin.get(f"{URL}?export=csv&q=lost")).decode()
    (row,) = list(csv.DictReader(text.splitlines()))
    assert (row["action"], row["note"]) == ("test.row.lost", "'=1+1")


def test_an_export_of_an_unknown_kind_is_refused(admin: Client) -> None:
    assert admin.get(f"{URL}?export=xls").status_code == 400


def test_the_list_takes_constant_queries(admin: Client) -> None:
    make_event()
    few = queries_of(admin, URL)
    for _ in range(30):
        make_event()
    assert queries_of(admin, URL) == few
