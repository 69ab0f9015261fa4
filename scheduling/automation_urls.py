"""Addresses of automations and their schedules."""

from django.urls import URLPattern, path

from scheduling.views import automation_actions as actions
from scheduling.views import automations, schedules

urlpatterns: list[URLPattern] = [
    path("automations/", automations.automation_list, name="automations"),
    path("automations/new/", automations.automation_new, name="automation-new"),
    path("automations/preview/", automations.automation_preview, name="automation-preview"),
    path("automations/<int:pk>/", automations.automation_detail, name="automation"),
    path("automations/<int:pk>/edit/", automations.automation_edit, name="automation-edit"),
    path("automations/<int:pk>/delete/", automations.automation_delete, name="automation-delete"),
    path("automations/<int:pk>/run/", actions.automation_run, name="automation-run"),
    path("automations/<int:pk>/dry-run/", actions.automation_dry_run, name="automation-dry-run"),
    path("automations/<int:pk>/switch/", actions.automation_switch, name="automation-switch"),
    path("automations/<int:pk>/webhook/", actions.automation_webhook, name="automation-webhook"),
    path("automations/<int:pk>/schedules/new/", schedules.schedule_new, name="schedule-new"),
    path("schedules/", schedules.schedule_list, name="schedules"),
    path("schedules/preview/", schedules.schedule_preview, name="schedule-preview"),
    path("schedules/<int:pk>/edit/", schedules.schedule_edit, name="schedule-edit"),
    path("schedules/<int:pk>/delete/", schedules.schedule_delete, name="schedule-delete"),
    path("schedules/<int:pk>/pause/", schedules.schedule_pause, name="schedule-pause"),
    path("schedules/<int:pk>/resume/", schedules.schedule_resume, name="schedule-resume"),
]
