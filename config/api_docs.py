"""The API's own pages: Swagger UI from vendored files, without inline script or style."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated


class SchemaView(SpectacularAPIView):
    """The OpenAPI document. Signed-in callers only: it names what there is to attack."""

    permission_classes = (IsAuthenticated,)


class DocsView(LoginRequiredMixin, SpectacularSwaggerSplitView):
    """The page, and with ?script the script that starts it. For signed-in people."""

    url_name = "api-schema"
    template_name = "api/docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        stock: Any = super().get
        response = stock(request, *args, **kwargs)
        # The stock view opens the page to other windows for OAuth pop-ups, which we do not use.
        del response["Cross-Origin-Opener-Policy"]
        return response
