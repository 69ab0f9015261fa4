import io
import json

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from django.forms import modelform_factory
from pytest_django import Settings

from boomi.models import Account, Connection
from common.crypto import CannotDecrypt, generate_key
from common.fields import Ciphertext
from common.models import AuditEvent, User
from tests.common.rows import make_event

pytestmark = pytest.mark.db
SECRET = "3f2a-token-of-northwind"


@pytest.fixture
def remote(operator: User) -> Connection:
    account = Account.objects.create(account_id="northwind-7Q2K9D")
    return Connection.objects.create(
        name="Production", account=account, owner=operator, token=SECRET,
        base_url="https://api.example", username="ops@northwind.example",
    )  # fmt: skip


def stored(row: Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM boomi_connection WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def store(row: Connection, text: str) -> Connection:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE boomi_connection SET token = %s WHERE id = %s", [text, row.pk])
    return Connection.objects.get(pk=row.pk)


def test_the_database_sees_ciphertext_only(remote: Connection) -> None:
    assert stored(remote).startswith("v1:")
    assert SECRET not in stored(remote)
    assert Connection.objects.get(pk=remote.pk).token == SECRET


@pytest.mark.parametrize("text", ["", "ünïcödé ✓", "x" * 10_000, "v1:looks:like-it", " a\nb "])
def test_any_text_comes_back_as_it_was(remote: Connection, text: str) -> None:
    remote.token = text
    remote.save()
    assert Connection.objects.get(pk=remote.pk).token == text


def test_null_stays_null_and_can_be_asked_for(db: None) -> None:
    make_event(after=None)
    make_event(after={})
    assert AuditEvent.objects.filter(after__isnull=True).count() == 1
    assert AuditEvent.objects.get(after__isnull=True).after is None


@pytest.mark.parametrize("lookup", ["token", "token__startswith", "token__in", "token__contains"])
def test_searching_is_refused(remote: Connection, lookup: str) -> None:
    with pytest.raises(FieldError, match="cannot be searched"):
        Connection.objects.filter(**{lookup: "x"}).exists()


@pytest.mark.parametrize("place", [12, 30, -3])
def test_one_changed_character_is_noticed(remote: Connection, place: int) -> None:
    text = stored(remote)
    changed = "A" if text[place] != "A" else "B"
    place %= len(text)
    row = store(remote, text[:place] + changed + text[place + 1 :])
    with pytest.raises(CannotDecrypt, match="damaged"):
        _ = row.token


def test_a_value_of_another_field_is_refused(remote: Connection) -> None:
    event = make_event(after={"a": 1})
    foreign = AuditEvent.objects.values_list("after", flat=True).get(pk=event.pk)
    with pytest.raises(CannotDecrypt):
        _ = store(remote, str(foreign)).token


@pytest.mark.parametrize("text", ["", "plain text", "v1:", "v1:00000000:AAAA", "v9:x:y"])
def test_what_is_no_ciphertext_is_a_clean_error(remote: Connection, text: str) -> None:
    with pytest.raises(CannotDecrypt) as caught:
        _ = store(remote, text).token
    assert caught.value.hint


def test_a_damaged_secret_does_not_hide_its_row(remote: Connection) -> None:
    store(remote, "v1:damaged")
    row = Connection.objects.get()
    row.name = "Renamed"
    row.save()
    assert Connection.objects.get().name == "Renamed"
    assert stored(remote) == "v1:damaged"


def test_saving_another_field_keeps_the_ciphertext(remote: Connection) -> None:
    before = stored(remote)
    Connection.objects.get().save()
    assert stored(remote) == before


def test_bulk_writes_encrypt_too(remote: Connection) -> None:
    Connection.objects.update(token="second")
    assert "second" not in stored(remote)
    row = Connection.objects.get()
    row.token = "third"
    Connection.objects.bulk_update([row], ["token"])
    assert "third" not in stored(remote)
    assert Connection.objects.get().token == "third"


@pytest.mark.parametrize("format_name", ["json", "xml", "jsonl"])
def test_a_dump_holds_no_plaintext_and_loads_again(remote: Connection, format_name: str) -> None:
    dump = io.StringIO()
    call_command("dumpdata", "boomi.connection", format=format_name, stdout=dump)
    assert SECRET not in dump.getvalue()
    Connection.objects.all().delete()
    for item in serializers.deserialize(format_name, dump.getvalue()):
        item.save()
    assert Connection.objects.get().token == SECRET


def test_a_dump_of_an_unsaved_secret_is_encrypted(remote: Connection) -> None:
    remote.token = "typed just now"
    assert "typed just now" not in json.dumps(serializers.serialize("json", [remote]))


def test_values_give_ciphertext(remote: Connection) -> None:
    value = Connection.objects.values_list("token", flat=True).get()
    assert isinstance(value, Ciphertext)
    assert repr(value) == "<Ciphertext>"


def test_an_older_key_still_reads(remote: Connection, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [generate_key(), *settings.ENCRYPTION_KEYS]
    assert Connection.objects.get().token == SECRET


def test_a_lost_key_is_said_clearly(remote: Connection, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [generate_key()]
    with pytest.raises(CannotDecrypt, match="not configured"):
        _ = Connection.objects.get().token


Form = modelform_factory(Connection, fields=["name", "token"])


def test_a_form_never_shows_a_stored_secret(remote: Connection) -> None:
    html = Form(instance=Connection.objects.get()).as_p()
    assert SECRET not in html
    assert stored(remote) not in html
    assert "Leave blank to keep it." in html


def test_a_blank_secret_keeps_the_stored_one(remote: Connection) -> None:
    form = Form({"name": "Renamed", "token": ""}, instance=Connection.objects.get())
    assert form.is_valid()
    form.save()
    row = Connection.objects.get()
    assert (row.name, row.token) == ("Renamed", SECRET)
    assert form.changed_data == ["name"]


def test_a_typed_secret_replaces_the_stored_one(remote: Connection) -> None:
    form = Form({"name": "x", "token": "new-one"}, instance=Connection.objects.get())
    assert form.is_valid()
    form.save()
    assert Connection.objects.get().token == "new-one"


def test_a_typed_secret_is_not_shown_again_after_an_error(remote: Connection) -> None:
    form = Form({"name": "", "token": "new-one"}, instance=Connection.objects.get())
    assert "new-one" not in form.as_p()


def test_a_first_secret_is_required(db: None) -> None:
    form = Form({"name": "x", "token": ""})
    assert set(form.errors) == {"token"}


def test_stolen_ciphertext_typed_into_a_form_is_only_text(remote: Connection) -> None:
    theft = stored(remote)
    form = Form({"name": "x", "token": theft}, instance=Connection.objects.get())
    assert form.is_valid()
    form.save()
    assert Connection.objects.get().token == theft


def test_a_damaged_secret_can_be_replaced_by_form(remote: Connection) -> None:
    form = Form({"name": "x", "token": "new-one"}, instance=store(remote, "v1:damaged"))
    assert form.is_valid()
    form.save()
    assert Connection.objects.get().token == "new-one"
