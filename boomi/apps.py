from django.apps import AppConfig


class BoomiConfig(AppConfig):
    name = "boomi"

    def ready(self) -> None:
        from boomi import access  # noqa: F401 - registers the rules
        from common.registry import NavItem, registry

        registry.add_nav(
            NavItem("Operate", "Executions", "executions", "activity", 20),
            NavItem("Govern", "Connections", "connections", "plug", 410),
        )
