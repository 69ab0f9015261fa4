from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        from analysis import access, contributions  # noqa: F401  (access registers rules)

        contributions.register()
