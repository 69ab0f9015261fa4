"""Addresses of the pages about people and the audit trail."""

from django.urls import URLPattern, path

from common.views import account, audit

urlpatterns: list[URLPattern] = [
    path("profile/", account.profile, name="profile"),
    path("tokens/", account.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", account.token_revoke, name="token-revoke"),
    path("audit/", audit.event_list, name="audit"),
    path("audit/verify/", audit.verify, name="audit-verify"),
    path("audit/<int:pk>/", audit.event_detail, name="audit-event"),
]
