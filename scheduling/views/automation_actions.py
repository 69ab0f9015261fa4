"""What can be done to an automation: run it now, try it dry, switch it, give it a webhook."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from common.access import may
from common.actors import Actor
from common.errors import Conflict, InputError, PortalError
from scheduling import automation_rows
from scheduling.services import automations
from scheduling.views.automations import automation_of, render_detail


@login_required
@require_POST
def automation_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads to the job: there is always a place to look."""
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    try:
        run = automations.run_now(automation, actor=actor)
    except (Conflict, InputError) as error:
        messages.error(request, _sentence(error))
        return redirect("automation", pk=pk)
    return redirect("job", pk=run.pk)


@login_required
@require_POST
def automation_dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What a run would do now: nothing is started, nothing is changed."""
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    try:
        result = automations.dry_run(automation, actor=actor)
    except (Conflict, InputError) as error:
        messages.error(request, _sentence(error))
        return redirect("automation", pk=pk)
    context = {
        "automation": automation,
        "what": automation_rows.describe(automation),
        "result": result,
        "milliseconds": None if result.seconds is None else result.seconds * 1000,
        "may_run": may(actor, "scheduling.automation.run", automation),
    }
    return render(request, "scheduling/automation_dry_run.html", context)


@login_required
@require_POST
def automation_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off as `enabled` says; back to where the switch was pressed."""
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    wanted = request.POST.get("enabled") == "true"
    try:
        automations.set_enabled(automation, wanted, actor=actor)
    except Conflict as error:
        messages.error(request, _sentence(error))
    else:
        state = "on" if wanted else "off: nothing starts it any more"
        messages.success(request, f"{automation.name} is switched {state}.")
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("automation", pk=pk)


@login_required
@never_cache
@require_POST
def automation_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a new address secret or takes it away. The answer is the only page that shows it."""
    actor = Actor.of(request)
    automation = automation_of(actor, pk)
    revoke = bool(request.POST.get("revoke"))
    token = ""
    try:
        if revoke:
            automations.revoke_webhook(automation, actor=actor)
        else:
            token = automations.new_webhook(automation, actor=actor)
    except Conflict as error:
        messages.error(request, _sentence(error))
        return redirect("automation", pk=pk)
    if revoke:
        messages.success(request, "The webhook is gone; who still calls it is refused.")
        return redirect("automation", pk=pk)
    return render_detail(request, automation, token=token)


def _sentence(error: PortalError) -> str:
    return f"{error.message} {error.hint}".strip()
