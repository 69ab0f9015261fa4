"""Background work in the REST API: jobs, automations, schedules, notifications."""

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Add this floor's endpoints."""
    from scheduling import api_notifications
    from scheduling.api import automations, jobs, schedules

    router.register("jobs", jobs.JobRunViewSet, basename="jobs")
    router.register("automations", automations.AutomationViewSet, basename="automations")
    router.register("automation-kinds", automations.KindViewSet, basename="automation-kinds")
    router.register("schedules", schedules.ScheduleViewSet, basename="schedules")
    router.register("occurrences", schedules.OccurrenceViewSet, basename="occurrences")
    api_notifications.register(router)
