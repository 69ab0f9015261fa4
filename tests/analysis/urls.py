"""The addresses that services link to, so that their tests need no pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("executions/<int:pk>/", page, name="execution"),
    path("executions/<int:pk>/analyse/", page, name="execution-analyse"),
    path("analyses/<int:pk>/", page, name="analysis"),
]
