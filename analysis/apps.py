from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        from analysis import access, contributions  # noqa: F401  (access registers rules)
        from common.registry import NavItem, registry

        contributions.register()
        registry.add_nav(NavItem("Operate", "Analyses", "analyses", "file-search", 30))
