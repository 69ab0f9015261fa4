from django.apps import AppConfig


class BoomiConfig(AppConfig):
    name = "boomi"

    def ready(self) -> None:
        from boomi import access, component_access, health  # noqa: F401 - register the rules
        from common.registry import NavItem, registry

        health.register()
        registry.add_nav(
            NavItem("Operate", "Executions", "executions", "activity", 20),
            NavItem("Change", "Components", "components", "boxes", 200),
            NavItem("Operate", "Accounts", "accounts", "building-2", 60),
            NavItem("Operate", "Runtimes", "runtimes", "server", 70),
            NavItem("Operate", "Deployments", "deployments", "rocket", 80),
            NavItem("Govern", "Connections", "connections", "plug", 410),
            NavItem("Govern", "Usage", "usage", "chart-column", 430),
            NavItem("Govern", "Call log", "calls", "arrow-left-right", 440),
        )
