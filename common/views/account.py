"""Pages about oneself: profile and API tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common import people, tokens
from common.access import find, may
from common.account_forms import ProfileForm, TokenForm
from common.actors import Actor
from common.errors import InputError, NotAllowed
from common.models import ApiToken, User


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    actor, user = Actor.of(request), _me(request)
    form = ProfileForm(_sent(request), initial={"time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        people.set_time_zone(actor, form.cleaned_data["time_zone"])
        messages.success(request, f"Times are shown in {form.cleaned_data['time_zone']} now.")
        return redirect("profile")
    roles = sorted(user.groups.values_list("name", flat=True))
    context = {"form": form, "roles": roles, "teams": user.teams.all()}
    return render(request, "common/profile.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """One's tokens. The answer to a POST is the only page that ever shows the new secret."""
    actor, user = Actor.of(request), _me(request)
    form = TokenForm(_sent(request), actor=actor)
    plain = ""
    if request.method == "POST" and form.is_valid():
        plain = _issue(form, actor, user)
    rows = ApiToken.objects.filter(_shown_to(actor, user)).select_related("user")
    context = {
        "form": TokenForm(actor=actor) if plain else form,
        "tokens": rows.order_by("revoked_at", "-created_at")[:200],
        "plain": plain,
        "may_create": may(actor, "common.token.create"),
        "site_url": settings.SITE_URL,
    }
    return render(request, "common/tokens.html", context, status=400 if form.errors else 200)


def _shown_to(actor: Actor, user: User) -> Q:
    """Admins look after the tokens of services; those of other people are in the admin."""
    services = Q(user__kind=User.Kind.SERVICE) if actor.is_admin else Q(pk__in=[])
    return Q(user=user) | services


def _issue(form: TokenForm, actor: Actor, user: User) -> str:
    """The new secret, or "" when the service refused and the form says why."""
    values = form.cleaned_data
    try:
        _, plain = tokens.issue(
            values.get("user") or user,
            name=values["name"],
            scope=values["scope"],
            expires_at=form.expires_at(),
            actor=actor,
        )
    except (InputError, NotAllowed) as error:
        form.add_error(None, error.message)
        return ""
    return plain


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    token = find(actor, ApiToken.objects.select_related("user"), pk=pk)
    try:
        tokens.revoke(token, actor=actor, note=request.POST.get("reason", ""))
    except NotAllowed as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{token} is revoked; programs that use it are refused now.")
    return redirect("tokens")
