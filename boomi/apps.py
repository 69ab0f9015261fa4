from django.apps import AppConfig


class BoomiConfig(AppConfig):
    name = "boomi"

    def ready(self) -> None:
        from boomi import access, health  # noqa: F401 - registers the rules
        from common.registry import NavItem, registry

        health.register()
        registry.add_nav(
            NavItem("Operate", "Executions", "executions", "activity", 20),
            NavItem("Govern", "Connections", "connections", "plug", 410),
        )
