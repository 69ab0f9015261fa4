"""Chores of the whole portal."""

from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from common.models import User
from scheduling import clock
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_the_clock_forgets_expired_sessions_and_keeps_the_others(
    client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    old = Session.objects.create(
        session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1)
    )
    clock._ticks["config.forget_expired_sessions"].chore()
    assert not Session.objects.filter(pk=old.pk).exists()
    assert Session.objects.count() == 1


def test_a_sign_in_leaves_no_second_trail_that_nobody_prunes(client: Client, viewer: User) -> None:
    client.post("/login/", {"username": viewer.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    assert not AccessLog.objects.exists()
