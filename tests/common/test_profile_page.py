"""The page about oneself."""

import pytest
from django.test import Client
from django.urls import reverse

from common import people
from common.actors import Actor
from common.errors import InputError
from common.models import AuditEvent, User
from tests.visits import html_of

pytestmark = pytest.mark.django_db


def test_a_chosen_zone_is_kept_used_and_audited(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    client.post(reverse("profile"), {"time_zone": "Asia/Kolkata"})
    viewer.refresh_from_db()
    assert viewer.time_zone == "Asia/Kolkata"
    assert AuditEvent.objects.filter(action="common.user.changed").count() == 1
    assert "Kolkata" in client.get(reverse("profile")).content.decode()


def test_choosing_the_same_zone_again_writes_nothing(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    client.post(reverse("profile"), {"time_zone": viewer.time_zone})
    assert not AuditEvent.objects.filter(action="common.user.changed").exists()


def test_an_unknown_zone_is_refused_at_its_field(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    answer = client.post(reverse("profile"), {"time_zone": "Mars/Olympus"})
    assert answer.status_code == 400
    assert "time_zone" in answer.context["form"].errors
    with pytest.raises(InputError):
        people.set_time_zone(Actor.person(viewer), "Mars/Olympus")


@pytest.mark.parametrize("zone", ["UTC", "America/Argentina/Salta", "US/Pacific", "GMT"])
def test_the_zone_in_force_is_chosen(client: Client, viewer: User, zone: str) -> None:
    viewer.time_zone = zone
    viewer.save()
    assert f'<option value="{zone}" selected>' in html_of(client, viewer, reverse("profile"))


def test_a_person_without_a_role_reads_so(client: Client, stranger: User) -> None:
    assert "none yet" in html_of(client, stranger, reverse("profile"))


def test_the_user_menu_leads_to_profile_and_tokens(client: Client, viewer: User) -> None:
    html = html_of(client, viewer, reverse("profile"))
    assert f'href="{reverse("profile")}"' in html
    assert f'href="{reverse("tokens")}"' in html
