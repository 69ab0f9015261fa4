"""Changing one's password, with a line in the audit trail."""

from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpResponse

from common import audit
from common.actors import Actor


class PasswordChange(PasswordChangeView):
    @transaction.atomic
    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        audit.record(Actor.of(self.request), "common.user.password_changed", form.user)
        return super().form_valid(form)
