"""Pages that belong to no app: home and the style guide."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access import may
from common.actors import Actor
from common.polling import unless_unchanged
from config import home as overview
from config import styleguide_samples


@login_required
@require_safe
@unless_unchanged(overview.stamp)
def home(request: HttpRequest) -> HttpResponse:
    """What is broken or waiting now; on a fresh installation, how to begin."""
    actor = Actor.of(request)
    context = overview.overview(actor) | {
        "has_role": actor.rank >= 0,
        "may_connect": may(actor, "boomi.connection.create"),
        "may_upload": may(actor, "analysis.upload"),
    }
    return render(request, "config/home.html", context)


@login_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with sample values; only where people look at the product itself."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "styleguide.html", styleguide_samples.context(request))
