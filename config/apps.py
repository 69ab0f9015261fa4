"""The app that owns what spans apps: home, health pages and the commands of the whole."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from common.registry import NavItem, registry


class PortalConfig(AppConfig):
    name = "config"
    verbose_name = "Portal"

    def ready(self) -> None:
        registry.add_nav(
            NavItem("Operate", "Now", "home", "house", order=10),
            NavItem("Admin", "Administration", "admin:index", "settings", 900, "common.user.edit"),
        )


class PortalAdminConfig(AdminConfig):
    default_site = "config.admin_site.PortalAdminSite"
