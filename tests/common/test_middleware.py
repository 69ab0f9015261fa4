import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from common.errors import Conflict
from common.middleware import RequestIdMiddleware, ViewerZoneMiddleware
from common.models import User


def refuse(request: HttpRequest) -> HttpResponse:
    raise Conflict("The row was changed.", hint="Reload the page.")


@require_POST
def button(request: HttpRequest) -> HttpResponse:
    return HttpResponse("pressed", headers={"Cache-Control": "no-store"})


urlpatterns = [path("refuse/", refuse), path("button/", button)]


def answered_id(given: str | None) -> tuple[str, str]:
    headers = {} if given is None else {"X-Request-ID": given}
    request = RequestFactory().get("/", headers=headers)
    answer = RequestIdMiddleware(lambda _: HttpResponse())(request)
    return request.request_id, answer["X-Request-ID"]


def test_a_request_id_is_made_and_answered() -> None:
    inner, outer = answered_id(None)
    assert inner == outer
    assert len(inner) == 32


def test_a_good_request_id_is_taken_over() -> None:
    assert answered_id("proxy-12345678") == ("proxy-12345678", "proxy-12345678")


@pytest.mark.parametrize("given", ["short", "x" * 65, "line\nbreak12", "späcial-12", "a b c d e f"])
def test_a_bad_request_id_is_replaced(given: str) -> None:
    assert answered_id(given)[0] != given


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Europe/Berlin", "Europe/Berlin"), ("Nowhere/Land", "UTC"), ("../etc/passwd", "UTC"),
     ("", "UTC")],
)  # fmt: skip
def test_pages_use_the_zone_of_the_viewer(name: str, expected: str) -> None:
    request = RequestFactory().get("/")
    request.user = User(email="x@northwind.example", time_zone=name)
    seen: list[str] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    ViewerZoneMiddleware(view)(request)
    assert seen == [expected]


@override_settings(ROOT_URLCONF="tests.common.test_middleware")
def test_a_portal_error_becomes_a_page_with_its_hint(db: None) -> None:
    page = Client().get("/refuse/")
    assert page.status_code == 409
    text = page.content.decode()
    assert "The row was changed." in text
    assert "Reload the page." in text


@override_settings(ROOT_URLCONF="tests.common.test_middleware")
def test_the_address_of_a_button_opened_as_a_page_explains_itself(db: None) -> None:
    page = Client().get("/button/")
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "Nothing was done" in page.content.decode()


@override_settings(ROOT_URLCONF="tests.common.test_middleware")
def test_answers_are_private_unless_the_view_says_otherwise(db: None) -> None:
    assert Client().get("/refuse/")["Cache-Control"] == "private, no-cache"
    assert Client().post("/button/")["Cache-Control"] == "no-store"
