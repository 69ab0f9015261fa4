from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        # Each registers rules, checks or receivers when it is imported.
        from common import checks, people, sealing, signin_trail, tokens  # noqa: F401
        from common.api import openapi  # noqa: F401
        from common.registry import NavItem, registry

        registry.add_nav(
            NavItem("Govern", "Audit", "audit", "shield-check", 420, "common.audit.view"),
        )
