"""Addresses for the browser tests: the style guide, signing in, and a page that lives."""

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import RequestContext, Template
from django.urls import path

from config.urls import urlpatterns as portal_urls

PAGE = Template(
    """{% extends "base.html" %}{% block heading %}Live{% endblock %}{% block content %}
    <section id="runs" data-live="/ui-test/live/"{% if final %} data-live-final{% endif %}>
      <p id="count">{{ number }}</p>
      <table class="table"><tbody>{% for row in rows %}
        <tr data-key="r{{ row }}"><td><a href="#{{ row }}">run {{ row }}</a></td></tr>
      {% endfor %}</tbody></table>
    </section>
    {% include "parts/live_status.html" with section="runs" %}
    {% include "parts/upload.html" with action="/ui-test/upload/" name="file" %}
    {% endblock %}"""
)
_answers = {"given": 0}


def live(request: HttpRequest) -> HttpResponse:
    """A visit starts with one row; each renewal has one more, on top; the third is final."""
    renewed = request.headers.get("HX-Request") == "true"
    number = _answers["given"] = _answers["given"] + 1 if renewed else 1
    rows = list(range(number, 0, -1))
    context = RequestContext(request, {"number": number, "rows": rows, "final": number >= 3})
    return HttpResponse(PAGE.render(context))


def upload(request: HttpRequest) -> JsonResponse:
    refusal = {"message": "This is a picture.", "hint": "Upload a process log."}
    return JsonResponse(refusal, status=400)


urlpatterns = [
    *portal_urls,
    path("", live, name="home"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("ui-test/live/", live),
    path("ui-test/upload/", upload),
]
