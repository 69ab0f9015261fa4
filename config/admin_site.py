"""Django's admin, for people with the role Admin, in the portal's dress."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from common.actors import Actor


class PortalAdminSite(AdminSite):
    site_header = "Boomi Operations Portal"
    site_title = "Portal admin"
    index_title = "Administration"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return Actor.of(request, "admin").is_admin
