from django.apps import AppConfig


class BoomiConfig(AppConfig):
    name = "boomi"

    def ready(self) -> None:
        from boomi import access, component_access  # noqa: F401 - register the rules
        from common.registry import NavItem, registry

        registry.add_nav(
            NavItem("Operate", "Executions", "executions", "activity", 20),
            NavItem("Change", "Components", "components", "boxes", 200),
            NavItem("Govern", "Connections", "connections", "plug", 410),
        )
