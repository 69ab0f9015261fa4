from django.apps import AppConfig


class BoomiConfig(AppConfig):
    name = "boomi"
