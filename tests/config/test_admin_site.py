import pytest
from django.test import Client

from common.models import User


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_who_is_not_signed_in_goes_to_the_one_sign_in_page() -> None:
    answer = Client().get("/admin/common/team/")
    assert answer["Location"] == "/admin/login/?next=/admin/common/team/"
    assert Client().get(answer["Location"])["Location"] == "/login/?next=/admin/common/team/"


def test_a_signed_in_person_without_the_role_is_told_why(operator: User) -> None:
    page = client_of(operator).get("/admin/common/team/", follow=True)
    assert page.status_code == 403
    assert "needs the role Admin" in page.content.decode()


def test_an_admin_enters(admin_user: User) -> None:
    assert client_of(admin_user).get("/admin/").status_code == 200


def test_an_admin_at_the_old_sign_in_page_goes_in(admin_user: User) -> None:
    page = client_of(admin_user).get("/admin/login/", follow=True)
    assert page.redirect_chain[-1][0] == "/admin/"
