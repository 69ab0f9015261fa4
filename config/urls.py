"""Every address of the portal; apps own their own lists."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path("admin/", admin.site.urls),
]
