"""Files sent to doors that take none."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory


def big_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.log", b"x" * 3_000_000)


def test_a_file_is_dropped_and_the_fields_beside_it_arrive() -> None:
    request = RequestFactory().post("/", {"file": big_file(), "name": "Northwind"})
    assert request.POST["name"] == "Northwind"
    assert not request.FILES


@pytest.mark.django_db
def test_the_sign_in_page_stores_no_file() -> None:
    answer = Client().post("/login/", {"username": "x@northwind.example", "file": big_file()})
    assert answer.status_code == 200
    assert answer.wsgi_request.POST["username"] == "x@northwind.example"
    assert not answer.wsgi_request.FILES
