import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from common import crypto, rotation, sealing
from common.actors import Actor
from common.crypto import generate_key
from common.fields import Ciphertext
from common.models import AuditEvent
from tests.common.rows import make_event

pytestmark = [pytest.mark.db, pytest.mark.django_db]
ACTOR = Actor.system("test")


def new_key(settings: Settings) -> str:
    settings.ENCRYPTION_KEYS = [generate_key(), *settings.ENCRYPTION_KEYS]
    return crypto.active_prefix()


def prefixes() -> set[str]:
    values = AuditEvent.objects.values_list("after", flat=True)
    return {str(value)[:12] for value in values if value is not None}


def test_every_value_gets_the_newest_key_and_keeps_its_meaning(settings: Settings) -> None:
    for number in range(7):
        make_event(after={"n": number})
    prefix = new_key(settings)
    rotation.rotate(actor=ACTOR, batch=3)
    assert prefixes() == {prefix}
    texts = [event.after for event in AuditEvent.objects.order_by("pk")[:7]]
    assert texts == [f'{{"n": {number}}}' for number in range(7)]


def test_the_old_key_can_go_afterwards(settings: Settings) -> None:
    make_event(after={"n": 1})
    new_key(settings)
    rotation.rotate(actor=ACTOR)
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert AuditEvent.objects.earliest("pk").after == '{"n": 1}'


def test_rotation_does_not_break_the_audit_chain(settings: Settings) -> None:
    for number in range(5):
        make_event(after={"n": number})
    sealing.seal_pending()
    new_key(settings)
    rotation.rotate(actor=ACTOR)
    sealing.seal_pending()
    report = sealing.verify()
    assert (report.problems, report.sealed, report.unsealed) == ([], 6, 0)


def test_a_second_run_finds_nothing(settings: Settings) -> None:
    make_event(after={"n": 1})
    new_key(settings)
    rotation.rotate(actor=ACTOR)
    assert sum(result.rotated for result in rotation.rotate(actor=ACTOR)) == 0


def test_a_row_changed_meanwhile_is_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(after={"n": 1})
    new_key(settings)
    real = crypto.decrypt

    def change_first(stored: str, *, label: str) -> str:
        newer = Ciphertext(crypto.encrypt('{"n": 2}', label=label))
        AuditEvent.objects.filter(pk=event.pk).update(after=newer)
        return real(stored, label=label)

    monkeypatch.setattr("common.rotation.crypto.decrypt", change_first)
    results = rotation.rotate(actor=ACTOR)
    monkeypatch.undo()
    assert sum(result.changed_meanwhile for result in results) == 1
    assert AuditEvent.objects.get(pk=event.pk).after == '{"n": 2}'


def test_a_dry_run_changes_nothing(settings: Settings) -> None:
    make_event(after={"n": 1})
    old = prefixes()
    new_key(settings)
    results = rotation.rotate(actor=ACTOR, dry_run=True)
    assert prefixes() == old
    assert sum(result.left for result in results) == 1


def test_the_command_does_not_claim_to_be_finished_with_a_lost_key(
    settings: Settings,
) -> None:
    make_event(after={"n": 1})
    settings.ENCRYPTION_KEYS = [generate_key()]
    with pytest.raises(CommandError, match="1 values cannot be read"):
        call_command("rotate_keys")


def test_the_command_says_when_it_is_finished(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    make_event(after={"n": 1})
    new_key(settings)
    call_command("rotate_keys", "--batch", "1")
    printed = capsys.readouterr().out
    assert "common.AuditEvent.after: 1 rotated, 0 with an older key" in printed
    assert "Finished" in printed


def test_every_label_is_used_once() -> None:
    labels = [field.label for _, field in rotation.encrypted_fields()]
    assert all(labels)
    assert len(labels) == len(set(labels))
