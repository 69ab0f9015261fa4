"""Addresses of the pages about background work."""

from django.urls import URLPattern, URLResolver, include, path

from scheduling import notification_views
from scheduling.views import jobs

urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job_detail, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", jobs.job_retry, name="job-retry"),
    path("", include("scheduling.automation_urls")),
    path("", include("scheduling.delivery_urls")),
    path("unsubscribe/<str:token>/", notification_views.unsubscribe, name="unsubscribe"),
]
