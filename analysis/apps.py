from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        from analysis import access  # noqa: F401  (registers rules and visibility)
        from common.registry import NavItem, registry

        registry.add_nav(NavItem("Operate", "Analyses", "analyses", "file-search", 30))
