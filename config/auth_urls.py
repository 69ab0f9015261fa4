"""Signing in and out, and changing one's password."""

from django.contrib.auth import views
from django.urls import URLPattern, path

from config.auth_views import PasswordChange

urlpatterns: list[URLPattern] = [
    path("login/", views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", PasswordChange.as_view(), name="password_change"),
    path("password/done/", views.PasswordChangeDoneView.as_view(), name="password_change_done"),
]
