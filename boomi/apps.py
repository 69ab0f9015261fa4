from django.apps import AppConfig


class BoomiConfig(AppConfig):
    name = "boomi"

    def ready(self) -> None:
        from boomi import access  # noqa: F401 - registers the rules
