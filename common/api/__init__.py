"""The base of the REST API: signing in, errors, pages, schema, viewsets."""

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Add this floor's endpoints. Imported late: settings name modules of this package."""
    from common.api import endpoints

    endpoints.register(router)
