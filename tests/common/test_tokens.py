from datetime import timedelta

import pytest
from django.utils import timezone

from common import tokens
from common.actors import Actor
from common.errors import InputError, NotAllowed
from common.models import ApiToken, AuditEvent, User


def issue(user: User, scope: str = "read", **changes: object) -> tuple[ApiToken, str]:
    values = {"name": "script", "scope": scope, "expires_at": None, "actor": Actor.person(user)}
    return tokens.issue(user, **{**values, **changes})


def test_a_token_opens_the_door_for_its_user(viewer: User) -> None:
    token, plain = issue(viewer)
    assert plain.startswith(f"bop_{token.prefix}_")
    assert tokens.authenticate(plain) == (viewer, token)


def test_only_a_digest_is_stored(viewer: User) -> None:
    token, plain = issue(viewer)
    secret = plain.split("_", 2)[2]
    stored = " ".join(str(value) for value in ApiToken.objects.values_list().get(pk=token.pk))
    assert secret not in stored


def test_issuing_is_audited_without_the_secret(viewer: User) -> None:
    _, plain = issue(viewer)
    event = AuditEvent.objects.get(action="common.token.created")
    assert plain.split("_", 2)[2] not in (event.after or "")


def test_a_changed_token_is_refused(viewer: User) -> None:
    _, plain = issue(viewer)
    with pytest.raises(tokens.BadToken, match="not known"):
        tokens.authenticate(plain[:-1] + ("A" if plain[-1] != "A" else "B"))


@pytest.mark.parametrize("plain", ["", "bop_", "bop__", "bop_00000000_x", "tok_a_b", "bop_a\0_b"])
@pytest.mark.django_db
def test_what_is_no_token_is_refused_alike(plain: str) -> None:
    with pytest.raises(tokens.BadToken, match="not known"):
        tokens.authenticate(plain)


def test_an_expired_token_is_refused(viewer: User) -> None:
    token, plain = issue(viewer, expires_at=timezone.now() + timedelta(hours=1))
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    with pytest.raises(tokens.BadToken, match="has expired"):
        tokens.authenticate(plain)


def test_a_revoked_token_is_refused(viewer: User) -> None:
    token, plain = issue(viewer)
    tokens.revoke(token, actor=Actor.person(viewer))
    with pytest.raises(tokens.BadToken, match="was revoked"):
        tokens.authenticate(plain)


def test_a_token_of_a_switched_off_user_is_refused(viewer: User) -> None:
    _, plain = issue(viewer)
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    with pytest.raises(tokens.BadToken, match="switched off"):
        tokens.authenticate(plain)


def test_the_email_beside_a_token_must_be_its_owners(viewer: User, operator: User) -> None:
    _, plain = issue(viewer)
    assert tokens.authenticate(plain, email=" VIC@Northwind.example ")[0] == viewer
    with pytest.raises(tokens.BadToken):
        tokens.authenticate(plain, email=operator.email)


def test_the_last_use_is_written_once_a_minute(viewer: User) -> None:
    token, plain = issue(viewer)
    tokens.authenticate(plain)
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    tokens.authenticate(plain)
    assert first is not None
    assert ApiToken.objects.get(pk=token.pk).last_used_at == first


def test_a_token_that_would_have_expired_is_not_issued(viewer: User) -> None:
    with pytest.raises(InputError):
        issue(viewer, expires_at=timezone.now() - timedelta(seconds=1))
    assert not ApiToken.objects.exists()


def test_nobody_issues_a_token_for_another_person(viewer: User, admin_user: User) -> None:
    with pytest.raises(NotAllowed):
        issue(viewer, actor=Actor.person(admin_user))


def test_an_admin_issues_tokens_for_services(admin_user: User) -> None:
    service = User.objects.create_user("robot@northwind.example", kind=User.Kind.SERVICE)
    token, _ = issue(service, actor=Actor.person(admin_user))
    assert token.user == service


def test_people_without_a_role_get_no_token(stranger: User) -> None:
    with pytest.raises(NotAllowed, match="needs a role"):
        issue(stranger)


def test_a_read_token_cannot_make_a_stronger_one(viewer: User) -> None:
    narrow = Actor(viewer, viewer.email, "api", scopes=frozenset({"read"}))
    with pytest.raises(NotAllowed, match="only read"):
        issue(viewer, actor=narrow)


def test_nobody_revokes_anothers_token(viewer: User, operator: User) -> None:
    token, _ = issue(viewer)
    with pytest.raises(NotAllowed):
        tokens.revoke(token, actor=Actor.person(operator))
    assert ApiToken.objects.get(pk=token.pk).is_live


def test_two_people_revoking_at_once_leave_one_event(viewer: User) -> None:
    token, _ = issue(viewer)
    stale = ApiToken.objects.get(pk=token.pk)
    tokens.revoke(token, actor=Actor.person(viewer))
    tokens.revoke(stale, actor=Actor.person(viewer))
    assert AuditEvent.objects.filter(action="common.token.revoked").count() == 1
