"""Automations: list, page, new, edit, delete, and what a run would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import exports
from common.access import Verdict, find, may, require, visible
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed, NotFound, PortalError
from common.paging import page_of
from common.polling import unless_unchanged
from scheduling import automation_queries, automation_rows, kinds
from scheduling.automation_forms import AutomationForm, bound_pair
from scheduling.kinds import Kind, ParametersForm, Preview
from scheduling.models import LIVE, Automation, JobRun, Schedule
from scheduling.page_filters import AutomationPageFilter, RunPageFilter
from scheduling.services import automations

PAGE_SIZE = 25
NEWEST = 50
COLUMNS = {
    "id": "pk",
    "name": "name",
    "kind": "kind",
    "owner": "owner__email",
    "enabled": "enabled",
    "on_event": "on_event",
    "channel": "channel__name",
    "created_at": "created_at",
}
Forms = tuple[AutomationForm, ParametersForm]


@dataclass(frozen=True, slots=True)
class Rights:
    """What the actor may do to one automation."""

    edit: Verdict
    delete: Verdict
    run: Verdict


def automation_of(actor: Actor, pk: int) -> Automation:
    return find(actor, Automation.objects.select_related("owner", "channel"), pk=pk)


def kind_or_404(name: str) -> Kind:
    try:
        return kinds.find(name)
    except kinds.UnknownKind as error:
        raise NotFound(str(error), hint="Choose one of those the portal knows.") from None


def _list_stamp(actor: Actor) -> object:
    """Asked every few seconds by every open list, so it must not read all runs there are: only
    the newest and the live ones change."""
    rows = visible(actor, Automation.objects.order_by())
    runs = visible(actor, JobRun.objects.order_by()).filter(automation__isnull=False)
    schedules = Schedule.objects.filter(automation__in=rows.values("pk"))
    return (
        rows.aggregate(Max("changed_at"), Count("pk")),
        list(runs.order_by("-pk").values_list("pk", "changed_at")[:NEWEST]),
        runs.filter(status__in=LIVE).aggregate(Max("changed_at"), Count("pk")),
        schedules.order_by().aggregate(Max("next_due_at"), Max("pk"), Count("paused_until")),
    )


@login_required
@require_safe
def automation_list(request: HttpRequest) -> HttpResponseBase:
    """By name; `?export=csv` or json downloads all that the filters select."""
    actor = Actor.of(request)
    require(actor, "scheduling.automation.view")
    if kind := request.GET.get("export"):
        rows = _found(_filtered(request, actor))
        return exports.respond_plain(kind, "automations", COLUMNS, rows)
    return _list_page(request)


def _filtered(request: HttpRequest, actor: Actor) -> AutomationPageFilter:
    rows = visible(actor, Automation.objects.select_related("owner"))
    return AutomationPageFilter(request.GET, automation_queries.with_latest(rows), request=request)


def _found(chosen: AutomationPageFilter) -> QuerySet[Automation]:
    rows: QuerySet[Automation] = chosen.qs if chosen.is_valid() else Automation.objects.none()
    return rows


@unless_unchanged(_list_stamp)
def _list_page(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    chosen = _filtered(request, actor)
    found = _found(chosen)
    page = page_of(request, found.order_by("name"), PAGE_SIZE)
    context = {
        "filter": chosen,
        "page": page,
        "rows": automation_rows.rows_of(actor, list(page.object_list)),
        "may_create": may(actor, "scheduling.automation.create"),
        "kinds": kinds.all_kinds(),
    }
    return render(request, "scheduling/automations.html", context)


def _stamp(actor: Actor, pk: int) -> object:
    row = visible(actor, Automation.objects.order_by()).filter(pk=pk)
    runs = visible(actor, JobRun.objects.order_by()).filter(automation=pk)
    schedules = Schedule.objects.order_by().filter(automation=pk)
    return (
        row.values_list("changed_at").first(),
        runs.aggregate(Max("changed_at"), Max("pk")),
        list(schedules.values_list("pk", "next_due_at", "paused_until", "paused_by", "enabled")),
    )


@login_required
@require_safe
@unless_unchanged(_stamp)
def automation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render_detail(request, automation_of(Actor.of(request), pk))


def render_detail(
    request: HttpRequest, automation: Automation, *, token: str = "", status: int = 200
) -> HttpResponse:
    """The page of an automation; `token` is shown where a webhook has just got a new one."""
    actor = Actor.of(request)
    schedules = list(automation.schedules.order_by("pk"))
    seen = visible(actor, JobRun.objects.filter(automation=automation))
    rows = seen.defer("cursor", "params", "result", "traceback").select_related("owner")
    chosen = RunPageFilter(request.GET, rows, request=request)
    found = chosen.qs if chosen.is_valid() else JobRun.objects.none()
    now = timezone.now()
    context = {
        "automation": automation,
        "kind": automation_rows.kind_of(automation),
        "what": automation_rows.describe(automation),
        "cards": automation_rows.cards_of(schedules),
        "starts": automation_rows.starts_of(automation, schedules, now),
        "next_due_at": automation_queries.next_due(schedules, now) if automation.enabled else None,
        "event": automation_rows.event_label(automation.on_event) if automation.on_event else "",
        "filter": chosen,
        "runs": page_of(request, found.order_by("-pk"), PAGE_SIZE),
        "rights": _rights(actor, automation),
        "token": token,
        "curl": _curl(automation, token) if token else "",
    }
    return render(request, "scheduling/automation.html", context, status=status)


def _curl(automation: Automation, token: str) -> str:
    """How a program starts it; SITE_URL is where people reach the portal."""
    url = f"{settings.SITE_URL}/api/v1/automations/{automation.pk}/webhook/"
    return f'curl -X POST -H "X-Webhook-Token: {token}" "{url}"'


def _rights(actor: Actor, automation: Automation) -> Rights:
    return Rights(
        edit=may(actor, "scheduling.automation.edit", automation),
        delete=may(actor, "scheduling.automation.delete", automation),
        run=may(actor, "scheduling.automation.run", automation),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def automation_new(request: HttpRequest) -> HttpResponse:
    """First the kind, as cards; then its form. "Create and add a schedule" leads on to that."""
    actor = Actor.of(request)
    require(actor, "scheduling.automation.create")
    name = request.GET.get("kind", "")
    if not name:
        return render(request, "scheduling/automation_kinds.html", {"kinds": kinds.all_kinds()})
    kind = kind_or_404(name)
    pair = bound_pair(kind, actor, _sent(request))
    refused: PortalError | None = None
    if request.method == "POST" and _both_valid(pair):
        try:
            made = automations.create(actor=actor, kind=kind.name, **_values(pair))
        except (InputError, Conflict, NotAllowed) as error:
            refused = error
        else:
            messages.success(request, f"The automation {made.name} was created.")
            leads = "schedule-new" if request.POST.get("then") == "schedule" else "automation"
            return redirect(leads, pk=made.pk)
    return _form_page(request, kind, pair, refused=refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def automation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    require(actor, "scheduling.automation.edit", automation)
    kind = kind_or_404(automation.kind)
    pair = bound_pair(kind, actor, _sent(request), automation)
    refused: PortalError | None = None
    if request.method == "POST" and _both_valid(pair):
        try:
            automations.update(automation, actor=actor, **_values(pair))
        except (InputError, Conflict, NotAllowed) as error:
            refused = error
        else:
            messages.success(request, "Saved. The next run works with it.")
            return redirect("automation", pk=pk)
    return _form_page(request, kind, pair, automation, refused)


def _form_page(
    request: HttpRequest,
    kind: Kind,
    pair: Forms,
    automation: Automation | None = None,
    refused: PortalError | None = None,
) -> HttpResponse:
    common, parameters = pair
    if refused is not None:
        _show(pair, refused)
    context = {
        "kind": kind,
        "form": common,
        "parameters": parameters,
        "automation": automation,
        "look": look_back(Actor.of(request), kind, common, parameters, automation),
    }
    wrong = 400 if common.errors or parameters.errors else 200
    status = refused.status if refused is not None else wrong
    return render(request, "scheduling/automation_form.html", context, status=status)


@dataclass(frozen=True, slots=True)
class LookBack:
    """What the parameters would have caught last week; `missing` says why that is not known.

    `is_complete` tells whether the form could be saved as it is.
    """

    preview: Preview | None
    missing: str
    is_complete: bool


def look_back(
    actor: Actor,
    kind: Kind,
    common: AutomationForm,
    parameters: ParametersForm,
    automation: Automation | None = None,
) -> LookBack:
    if parameters.is_bound:
        values = parameters.parameters() if parameters.is_valid() else None
    else:
        values = dict(automation.parameters) if automation is not None else None
    missing = _missing(common, parameters)
    if values is None:
        return LookBack(None, missing, is_complete=False)
    try:
        preview = automations.last_week(kind.name, values, actor=actor)
    except (InputError, NotAllowed, NotFound) as error:
        return LookBack(None, f"{error.message} {error.hint}".strip(), is_complete=False)
    return LookBack(preview, missing, is_complete=not missing)


def _missing(*both: AutomationForm | ParametersForm) -> str:
    """The labels of fields that are wrong or empty, as a sentence; "" when there is none."""
    labels = [
        str(form[name].label)
        for form in both
        if form.is_bound
        for name in form.errors
        if name in form.fields
    ]
    return f"Still to fill in: {', '.join(labels)}." if labels else ""


@login_required
@require_POST
def automation_preview(request: HttpRequest) -> JsonResponse:
    """The rail of the form, for what stands in it now, as `html`. Nothing is kept."""
    actor = Actor.of(request)
    require(actor, "scheduling.automation.create")
    kind = kind_or_404(request.GET.get("kind", ""))
    common, parameters = bound_pair(kind, actor, request.POST)
    context = {"kind": kind, "look": look_back(actor, kind, common, parameters)}
    return JsonResponse({"html": render_to_string("scheduling/automation_look.html", context)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def automation_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: schedules and their past go with it, runs stay among the jobs."""
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    require(actor, "scheduling.automation.delete", automation)
    problem: Conflict | None = None
    if request.method == "POST":
        try:
            automations.delete(automation, actor=actor)
        except Conflict as error:
            problem = error
        else:
            messages.success(request, f"The automation {automation.name} was deleted.")
            return redirect("automations")
    context = {
        "automation": automation,
        "what": automation_rows.describe(automation),
        "schedules": automation.schedules.count(),
        "runs": visible(actor, JobRun.objects.filter(automation=automation)).count(),
        "problem": problem,
    }
    status = problem.status if problem else 200
    return render(request, "scheduling/automation_delete.html", context, status=status)


def _both_valid(pair: Forms) -> bool:
    # Both, always: whoever corrects a form wants to see everything that is wrong.
    common, parameters = (form.is_valid() for form in pair)
    return common and parameters


def _values(pair: Forms) -> dict[str, Any]:
    common, parameters = pair
    return {**common.cleaned_data, "parameters": parameters.parameters()}


def _show(pair: Forms, error: PortalError) -> None:
    """What the service refused, at the fields of either form."""
    common, parameters = pair
    own = {name.removeprefix("parameters."): texts for name, texts in error.fields.items()}
    named = {name: texts for name, texts in own.items() if name in parameters.fields}
    for name, texts in named.items():
        parameters.add_error(name, texts)
    if not named:
        common.show(error)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
