"""/api/v1/: what each app registers, the person asking, and the description of it all."""

from importlib import import_module

from django.apps import apps
from django.urls import URLPattern, URLResolver, path
from django.utils.module_loading import module_has_submodule
from rest_framework.routers import DefaultRouter

from common.api.endpoints import MeView
from config.api_docs import DocsView, SchemaView

OUR_APPS = ("common", "scheduling", "boomi", "analysis")


def build_router() -> DefaultRouter:
    """One router for all apps, in the order of the floors."""
    router = DefaultRouter()
    router.include_format_suffixes = False
    for label in OUR_APPS:
        module = apps.get_app_config(label).module
        if module is not None and module_has_submodule(module, "api"):
            import_module(f"{module.__name__}.api").register(router)
    return router


urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", MeView.as_view(), name="api-me"),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
    *build_router().urls,
]
