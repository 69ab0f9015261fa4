import logging
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        """Registers rules and checks, and every app's jobs, so that each worker knows them."""
        from common.registry import NavItem, registry
        from scheduling import access, health, notification_access  # noqa: F401

        registry.add_nav(
            NavItem("Run", "Automations", "automations", "zap", 310, "scheduling.automation.view"),
            NavItem("Run", "Schedules", "schedules", "calendar", 315, "scheduling.automation.view"),
            NavItem("Run", "Jobs", "jobs", "list-checks", 320, "scheduling.job.view"),
            NavItem("Run", "Deliveries", "deliveries", "inbox", 330, "scheduling.delivery.view"),
        )

        health.register()
        # django-q2 heeds its own setting only where no log handler exists.
        logging.getLogger("django-q").setLevel(str(settings.Q_CLUSTER["log_level"]))
        autodiscover_modules("tasks", "automations")
        for module in getattr(settings, "EXTRA_JOB_MODULES", ()):
            import_module(module)
