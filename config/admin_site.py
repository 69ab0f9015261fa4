"""Django's admin, for people with the role Admin, in the portal's dress."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from common.actors import Actor
from common.errors import NotAllowed
from common.roles import Role


class PortalAdminSite(AdminSite):
    site_header = "Boomi Operations Portal"
    site_title = "Portal admin"
    index_title = "Administration"
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one sign-in page; who is signed in already lacks the role, not a password."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise NotAllowed(
                f"The administration needs the role {Role.ADMIN.label}.",
                hint="Ask an admin of the portal for the right.",
            )
        way_back = request.GET.get(REDIRECT_FIELD_NAME, "") or reverse("admin:index")
        return redirect_to_login(way_back)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The portal's own page: it leaves a line in the audit trail."""
        return redirect("password_change")

    def has_permission(self, request: HttpRequest) -> bool:
        return Actor.of(request, "admin").is_admin
