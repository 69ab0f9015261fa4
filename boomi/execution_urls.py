"""Addresses of the pages about executions."""

from django.urls import URLPattern, path

from boomi.views import executions

urlpatterns: list[URLPattern] = [
    path("executions/", executions.execution_list, name="executions"),
    path("executions/processes/", executions.process_names, name="execution-processes"),
    path("executions/by-id/<path:execution_id>/", executions.by_remote_id, name="execution-by-id"),
    path("executions/<int:pk>/", executions.execution_detail, name="execution"),
    path("executions/<int:pk>/log/", executions.execution_log, name="execution-log"),
]
