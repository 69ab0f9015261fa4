"""Access tokens for programs: issued once in plain text, kept as a digest, found by prefix.

A token is 256 random bits, so one SHA-256 is enough: there is nothing to guess slowly.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from common import audit
from common.access import ALLOWED, Verdict, require, rule, visible_for
from common.actors import Actor
from common.errors import InputError, PortalError
from common.models import ApiToken, User, normalise_email
from common.roles import Role

PREFIX_BYTES = 4
SECRET_BYTES = 32
LAST_USED_STEP = timedelta(minutes=1)
MARK = "bop"
FORM = re.compile(rf"{MARK}_(?P<prefix>[0-9a-f]{{8}})_[A-Za-z0-9_-]{{43}}")


class BadToken(PortalError):
    status = 401
    default_code = "BAD_TOKEN"


@rule("common.token.create")
def may_create(actor: Actor, obj: User | None) -> Verdict:
    """People issue tokens for themselves, admins for service users too."""
    if actor.rank < 0:
        return Verdict(False, "A token needs a role; ask an admin of the portal for one.")
    if obj is None or obj == actor.user:
        return ALLOWED
    if actor.is_admin and obj.kind == User.Kind.SERVICE:
        return ALLOWED
    return Verdict(False, "You can issue tokens for yourself only; admins also for services.")


@rule("common.token.revoke")
def may_revoke(actor: Actor, obj: ApiToken | None) -> Verdict:
    if obj is not None and obj.revoked_at is not None:
        return Verdict(False, "This token is revoked already.")
    if obj is None or actor.is_admin or (actor.user is not None and obj.user_id == actor.user.pk):
        return ALLOWED
    return Verdict(False, f"Only its owner or the role {Role.ADMIN.label} can revoke it.")


@visible_for(ApiToken)
def own_tokens(actor: Actor, tokens: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    return tokens.filter(user=actor.user)


def issue(
    user: User, *, name: str, scope: str, expires_at: datetime | None, actor: Actor
) -> tuple[ApiToken, str]:
    """Make a token for `user`; the second value is its plain text, which nobody can show again.

    Raises InputError for an expiry that has passed and NotAllowed.
    """
    require(actor, "common.token.create", user)
    if scope not in ApiToken.Scope.values:
        raise InputError("The scope is read or write.", fields={"scope": ["Choose read or write."]})
    if expires_at is not None and expires_at <= timezone.now():
        raise InputError(
            "The token would have expired already.", fields={"expires_at": ["Name a later time."]}
        )
    prefix = secrets.token_hex(PREFIX_BYTES)
    plain = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            scope=scope,
            prefix=prefix,
            digest=_digest(plain),
            expires_at=expires_at,
        )
        audit.record(
            actor,
            "common.token.created",
            token,
            after={"user": user.email, "scope": scope, "expires_at": expires_at},
        )
    return token, plain


def authenticate(plain: str, *, email: str | None = None) -> tuple[User, ApiToken]:
    """Find the live token behind `plain` and its active user.

    With `email` (Basic authentication) the token must belong to that address. Raises BadToken
    with one and the same sentence for an unknown, foreign or altered token, so that nobody
    learns which prefixes exist; an expired or revoked one is told apart only to its holder.
    """
    form = FORM.fullmatch(plain)
    rows = ApiToken.objects.select_related("user")
    token = rows.filter(prefix=form["prefix"]).first() if form else None
    if token is None or not hmac.compare_digest(token.digest, _digest(plain)):
        raise _unknown()
    if email is not None and normalise_email(email) != token.user.email:
        raise _unknown()
    if not token.user.is_active:
        raise BadToken("The user of this token is switched off.", hint="Ask an admin.")
    if not token.is_live:
        word = "was revoked" if token.revoked_at else "has expired"
        raise BadToken(f"This token {word}.", hint="Issue a new one on the page Tokens.")
    _note_use(token)
    return token.user, token


def revoke(token: ApiToken, *, actor: Actor, note: str = "") -> ApiToken:
    """End a token now. Raises NotAllowed, also when it is revoked already."""
    require(actor, "common.token.revoke", token)
    now = timezone.now()
    with transaction.atomic():
        won = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
        if won:
            audit.record(actor, "common.token.revoked", token, note=note)
    token.revoked_at = now
    return token


def scopes(token: ApiToken) -> frozenset[str]:
    """What Actor.scopes holds for a request with this token."""
    both = token.scope == ApiToken.Scope.WRITE
    return frozenset({"read", "write"}) if both else frozenset({"read"})


def _unknown() -> BadToken:
    return BadToken(
        "The token is not known.",
        hint="Send `Authorization: Token bop_…`, or Basic with your e-mail address and a token.",
    )


def _note_use(token: ApiToken) -> None:
    """At most one write a minute and token, however busy its program is."""
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < LAST_USED_STEP:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USED_STEP)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
