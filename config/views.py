"""Pages that belong to no app: the style guide."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from config import styleguide_samples


@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with sample values; only where people look at the product itself."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "styleguide.html", styleguide_samples.context(request))
