import re

import pytest
from axes.models import AccessAttempt
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common import audit, tokens
from common.actors import Actor
from common.errors import Conflict
from common.model_admin import PortalModelAdmin, sentence
from common.models import ApiToken, AuditEvent, Team, User
from common.roles import Role
from tests.conftest import make_user


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_creating_in_the_admin_is_audited(admin_client: Client, admin_user: User) -> None:
    admin_client.post("/admin/common/team/add/", {"name": "Orders"})
    (event,) = events("common.team.created")
    assert (event.actor_text, event.via, event.object_text) == (admin_user.email, "admin", "Orders")
    assert '"name": "Orders"' in (event.after or "")


def test_changing_records_only_what_changed(admin_client: Client) -> None:
    team = Team.objects.create(name="Orders")
    admin_client.post(f"/admin/common/team/{team.pk}/change/", {"name": "CRM"})
    (event,) = events("common.team.changed")
    assert (event.before, event.after) == ('{"name": "Orders"}', '{"name": "CRM"}')


def test_saving_without_a_change_leaves_no_event(admin_client: Client) -> None:
    team = Team.objects.create(name="Orders")
    admin_client.post(f"/admin/common/team/{team.pk}/change/", {"name": "Orders"})
    assert not AuditEvent.objects.filter(action__startswith="common.team").exists()


@pytest.mark.parametrize("way", ["page", "list"])
def test_deleting_is_audited(admin_client: Client, way: str) -> None:
    team = Team.objects.create(name="Orders")
    if way == "page":
        admin_client.post(f"/admin/common/team/{team.pk}/delete/", {"post": "yes"})
    else:
        form = {"action": "delete_selected", "_selected_action": [team.pk], "post": "yes"}
        admin_client.post("/admin/common/team/", form)
    (event,) = events("common.team.deleted")
    assert '"name": "Orders"' in (event.before or "")
    assert not Team.objects.exists()


def test_a_new_role_shows_in_the_trail(admin_client: Client, viewer: User) -> None:
    form = {
        "email": viewer.email, "name": viewer.name, "kind": "person", "time_zone": "UTC",
        "is_active": "on", "groups": [Group.objects.get(name=Role.OPERATOR).pk],
    }  # fmt: skip
    admin_client.post(f"/admin/common/user/{viewer.pk}/change/", form)
    (event,) = events("common.user.changed")
    assert (event.before, event.after) == ('{"groups": ["Viewer"]}', '{"groups": ["Operator"]}')


def test_an_admin_cannot_take_the_role_from_himself(admin_client: Client, admin_user: User) -> None:
    form = {
        "email": admin_user.email, "name": "Ada", "kind": "person", "time_zone": "UTC",
        "is_active": "on", "groups": [Group.objects.get(name=Role.VIEWER).pk],
    }  # fmt: skip
    page = admin_client.post(f"/admin/common/user/{admin_user.pk}/change/", form)
    assert "cannot take the role Admin from yourself" in page.content.decode()
    assert Actor.person(User.objects.get(pk=admin_user.pk)).is_admin


def test_a_password_set_by_an_admin_is_audited_but_not_shown(
    admin_client: Client, viewer: User
) -> None:
    secret = "a-long-enough-passphrase"
    form = {"password1": secret, "password2": secret, "usable_password": "true"}
    admin_client.post(f"/admin/common/user/{viewer.pk}/password/", form)
    assert User.objects.get(pk=viewer.pk).check_password(secret)
    (event,) = events("common.user.password_set")
    assert event.after is None


def test_a_refusal_of_a_service_stays_on_the_form(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise Conflict("Taken already.", hint="Choose another.", fields={"name": ["Is taken."]})

    monkeypatch.setattr(PortalModelAdmin, "save_model", refuse)
    page = admin_client.post("/admin/common/team/add/", {"name": "Orders"}).content.decode()
    assert "Is taken." in page
    assert 'value="Orders"' in page
    assert not Team.objects.exists()


def test_a_button_shows_why_it_is_not_available(admin_client: Client, viewer: User) -> None:
    token, _ = tokens.issue(
        viewer, name="x", scope="read", expires_at=None, actor=Actor.person(viewer)
    )
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    page = admin_client.get(f"/admin/common/apitoken/{token.pk}/change/").content.decode()
    assert 'aria-disabled="true"' in page
    assert "This token is revoked already." in page


@pytest.fixture
def token(viewer: User) -> ApiToken:
    actor = Actor.person(viewer)
    return tokens.issue(viewer, name="x", scope="read", expires_at=None, actor=actor)[0]


def test_an_object_action_asks_first_and_changes_nothing_by_get(
    admin_client: Client, token: ApiToken
) -> None:
    page = admin_client.get(f"/admin/common/apitoken/{token.pk}/action/revoke/")
    assert "csrfmiddlewaretoken" in page.content.decode()
    assert ApiToken.objects.get(pk=token.pk).is_live


def test_an_object_action_keeps_the_reason(admin_client: Client, token: ApiToken) -> None:
    url = f"/admin/common/apitoken/{token.pk}/action/revoke/"
    page = admin_client.post(url, {"reason": "Left the company"}, follow=True)
    assert "is revoked" in page.content.decode()
    assert events("common.token.revoked")[0].note == "Left the company"


def test_an_object_action_needs_the_csrf_token(admin_user: User, token: ApiToken) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    answer = client.post(f"/admin/common/apitoken/{token.pk}/action/revoke/", {"reason": "x"})
    assert answer.status_code == 403
    assert ApiToken.objects.get(pk=token.pk).is_live


def test_a_repeated_object_action_is_refused_with_the_reason(
    admin_client: Client, token: ApiToken
) -> None:
    url = f"/admin/common/apitoken/{token.pk}/action/revoke/"
    admin_client.post(url, {"reason": ""})
    page = admin_client.post(url, {"reason": ""})
    assert page.status_code == 403
    assert "revoked already" in page.content.decode()


def test_unlocking_forgets_the_failures_of_one_person(admin_client: Client, viewer: User) -> None:
    for name in (viewer.email, "other@northwind.example"):
        AccessAttempt.objects.create(
            username=name, ip_address="192.0.2.1", user_agent="x", failures_since_start=9,
            attempt_time=timezone.now(),
        )  # fmt: skip
    admin_client.post(f"/admin/common/user/{viewer.pk}/action/unlock/", {"reason": "called us"})
    assert [row.username for row in AccessAttempt.objects.all()] == ["other@northwind.example"]


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.OPERATOR, Role.DEVELOPER])
@pytest.mark.django_db
def test_only_admins_enter(role: Role | None) -> None:
    client = Client()
    client.force_login(make_user("x@northwind.example", role))
    assert client.get("/admin/common/team/").status_code in {302, 403}


def test_groups_and_queue_tables_are_not_in_the_admin(admin_client: Client) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert not re.findall(r'href="/admin/(auth|django_q|axes)/', page)


@pytest.mark.parametrize("model", [User, Team, ApiToken, AuditEvent])
def test_a_list_costs_the_same_for_many_rows(admin_client: Client, model: type) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = admin_client.get(f"/admin/common/{model.__name__.lower()}/")
        assert answer.status_code == 200
        return len(queries)

    fill(2)
    few = count()
    fill(30)
    assert count() <= few


def fill(rows: int) -> None:
    for number in range(rows):
        user = User.objects.create_user(f"u{User.objects.count()}@northwind.example")
        user.groups.add(Group.objects.get(name=Role.VIEWER))
        Team.objects.create(name=f"team {rows}.{number}")
        tokens.issue(user, name="t", scope="read", expires_at=None, actor=Actor.person(user))


def test_the_audit_trail_can_be_read_but_not_written(admin_client: Client, viewer: User) -> None:
    event = AuditEvent.objects.first() or _event(viewer)
    page = admin_client.get(f"/admin/common/auditevent/{event.pk}/change/")
    assert "_save" not in page.content.decode()
    post = admin_client.post(f"/admin/common/auditevent/{event.pk}/change/", {"note": "x"})
    assert post.status_code == 403
    assert admin_client.post(f"/admin/common/auditevent/{event.pk}/delete/").status_code == 403


def _event(user: User) -> AuditEvent:
    return audit.record(Actor.person(user), "common.team.created", user, after={"name": "x"})


def test_every_admin_class_of_ours_stands_on_the_base() -> None:
    ours = ("common", "scheduling", "boomi", "analysis")
    strays = [
        model.__name__
        for model, options in site._registry.items()
        if model._meta.app_label in ours and not isinstance(options, PortalModelAdmin)
    ]
    assert strays == []


def test_a_sentence_joins_message_and_hint() -> None:
    assert sentence(Conflict("Taken.", hint="Wait.")) == "Taken. Wait."
