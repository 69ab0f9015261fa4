"""Schedules: all of them with the day ahead, the editor, its live preview, pause and resume."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.access import find, require, visible
from common.actors import Actor
from common.errors import Conflict, InputError, PortalError
from common.paging import page_of
from common.polling import unless_unchanged
from common.registry import registry
from scheduling import day_ahead, schedule_editor
from scheduling.automation_forms import PauseForm, ScheduleForm, zones
from scheduling.models import Automation, Schedule
from scheduling.page_filters import SchedulePageFilter, soonest_first
from scheduling.schedule_words import outlook
from scheduling.services import schedules
from scheduling.views.automations import automation_of

PAGE_SIZE = 25


def _stamp(actor: Actor) -> object:
    rows = visible(actor, Schedule.objects.order_by())
    state = rows.aggregate(Max("next_due_at"), Max("last_due_at"), Max("pk"), Count("paused_until"))
    automations = visible(actor, Automation.objects.order_by())
    return state, automations.aggregate(Max("changed_at"))


@login_required
@require_safe
@unless_unchanged(_stamp)
def schedule_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    require(actor, "scheduling.automation.view")
    rows = visible(actor, Schedule.objects.select_related("automation"))
    chosen = SchedulePageFilter(request.GET, rows, request=request)
    found = chosen.qs if chosen.is_valid() else Schedule.objects.none()
    page = page_of(request, soonest_first(found), PAGE_SIZE)
    shown = day_ahead.rows_of(actor, list(page.object_list))
    context = {
        "filter": chosen,
        "page": page,
        "rows": shown,
        "ahead": day_ahead.day_ahead(shown) if page.number == 1 else None,
        "panels": _panels(request, actor),
        "zone_here": timezone.get_current_timezone_name(),
    }
    return render(request, "scheduling/schedules.html", context)


def _panels(request: HttpRequest, actor: Actor) -> list[str]:
    """What upper apps know of schedules that are not the portal's own."""
    found: list[str] = []
    for panel in registry.panels["schedules.platform"]:
        values = panel.context(actor, None)
        if values is not None:
            found.append(render_to_string(panel.template, values, request))
    return found


def _schedule(actor: Actor, pk: int) -> Schedule:
    return find(actor, Schedule.objects.select_related("automation__owner"), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A schedule for the automation `pk`; `?cron=` fills the form, as the helpers do."""
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    require(actor, "scheduling.automation.edit", automation)
    zone = timezone.get_current_timezone_name()
    first = {"cron": request.GET.get("cron") or schedule_editor.USUAL, "zone": zone}
    form = ScheduleForm(_sent(request), initial=first)
    refused: PortalError | None = None
    if _to_save(request) and form.is_valid():
        try:
            schedules.create(automation, actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            refused = error
        else:
            messages.success(request, "The schedule was added.")
            return redirect("automation", pk=automation.pk)
    return _editor(request, form, automation, refused=refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    schedule = _schedule(actor, pk)
    require(actor, "scheduling.schedule.edit", schedule)
    names = ("cron", "zone", "overlap", "catch_up", "enabled")
    first = {name: getattr(schedule, name) for name in names}
    first["cron"] = request.GET.get("cron") or first["cron"]
    form = ScheduleForm(_sent(request), initial=first)
    refused: PortalError | None = None
    if _to_save(request) and form.is_valid():
        try:
            schedules.update(schedule, actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            refused = error
        else:
            messages.success(request, "The schedule was changed.")
            return redirect("automation", pk=schedule.automation_id)
    return _editor(request, form, schedule.automation, schedule, refused)


def _editor(
    request: HttpRequest,
    form: ScheduleForm,
    automation: Automation,
    schedule: Schedule | None = None,
    refused: PortalError | None = None,
) -> HttpResponse:
    if refused is not None:
        form.show(refused)
    cron, zone = _given(form)
    view = outlook(cron, zone)
    if view.problem and form.is_bound and not form.errors:
        form.add_error("zone" if view.field == "zone" else "cron", view.problem)
    context = {
        "form": form,
        "automation": automation,
        "schedule": schedule,
        "outlook": view,
        "cells": schedule_editor.cells(cron, view.field),
        "presets": schedule_editor.PRESETS,
        "builders": schedule_editor.BUILDERS,
        "weekdays": schedule_editor.WEEKDAYS,
        "overlaps": schedule_editor.explained(form, "overlap"),
        "catch_ups": schedule_editor.explained(form, "catch_up"),
        "zones": zones(timezone.get_current_timezone_name()),
    }
    wrong = 400 if form.errors else 200
    status = refused.status if refused is not None else wrong
    return render(request, "scheduling/schedule_form.html", context, status=status)


def _given(form: ScheduleForm) -> tuple[str, str]:
    """What stands in the two fields that decide when, as text."""
    cron, zone = form["cron"].value(), form["zone"].value()
    return str(cron or ""), str(zone or "")


@login_required
@require_safe
def schedule_preview(request: HttpRequest) -> JsonResponse:
    """The rail of the editor for `?cron=&zone=`: words, next five, clock changes, as `html`."""
    require(Actor.of(request), "scheduling.automation.view")
    form = ScheduleForm(request.GET)
    cron, zone = _given(form)
    context = {"outlook": outlook(cron, zone or timezone.get_current_timezone_name())}
    return JsonResponse({"html": render_to_string("scheduling/schedule_outlook.html", context)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_delete(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    schedule = _schedule(actor, pk)
    require(actor, "scheduling.schedule.edit", schedule)
    if request.method == "POST":
        schedules.delete(schedule, actor=actor)
        messages.success(request, "The schedule was deleted.")
        return redirect("automation", pk=schedule.automation_id)
    context = {"schedule": schedule, "outlook": outlook(schedule.cron, schedule.zone)}
    return render(request, "scheduling/schedule_delete.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_pause(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    schedule = _schedule(actor, pk)
    require(actor, "scheduling.schedule.pause", schedule)
    form = PauseForm(_sent(request))
    refused: PortalError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            schedules.pause(schedule, actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            refused = error
            form.show(error)
        else:
            messages.success(request, "The schedule is paused. What falls due meanwhile is noted.")
            return redirect("automation", pk=schedule.automation_id)
    context = {
        "form": form,
        "schedule": schedule,
        "outlook": outlook(schedule.cron, schedule.zone),
    }
    status = refused.status if refused is not None else 400 if form.errors else 200
    return render(request, "scheduling/schedule_pause.html", context, status=status)


@login_required
@require_POST
def schedule_resume(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    schedule = _schedule(actor, pk)
    try:
        schedules.resume(schedule, actor=actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    else:
        messages.success(request, "The schedule goes on.")
    return redirect("automation", pk=schedule.automation_id)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _to_save(request: HttpRequest) -> bool:
    """Whether it is to be saved, rather than only looked at ("Show the next times")."""
    return request.method == "POST" and not request.POST.get("check")
