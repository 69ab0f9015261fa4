"""The portal's addresses, with empty pages for the names that services link to."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as portal

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def page(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    *portal,
    path("executions/<int:pk>/", page, name="execution"),
    path("executions/<int:pk>/analyse/", page, name="execution-analyse"),
    path("analyses/<int:pk>/", page, name="analysis"),
    path("connections/<int:pk>/", page, name="connection"),
    path("jobs/<int:pk>/", page, name="job"),
]
