import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connection, models
from django.utils import timezone
from pytest_django import Settings

from common import checkpoints, sealing
from common.actors import Actor
from common.errors import InputError, NotAllowed
from common.models import AuditChain, AuditEvent, User
from tests.common.rows import make_event

pytestmark = [pytest.mark.db, pytest.mark.django_db]
SYSTEM = Actor.system("test")


def chain(length: int) -> list[AuditEvent]:
    for number in range(length):
        make_event(after={"n": number})
    sealing.seal_pending()
    return list(AuditEvent.objects.order_by("seq"))


def kinds() -> set[str]:
    return {problem.kind for problem in sealing.verify().problems}


def test_sealed_events_form_a_chain() -> None:
    events = chain(4)
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.prev for event in events[1:]] == [event.seal for event in events[:-1]]
    assert sealing.verify().problems == []


def test_the_report_counts_what_waits() -> None:
    chain(3)
    make_event()
    report = sealing.verify()
    assert (report.sealed, report.unsealed, report.first_seq, report.last_seq) == (3, 1, 1, 3)


def test_a_limit_leaves_the_rest_for_later() -> None:
    for _ in range(5):
        make_event()
    assert [sealing.seal_pending(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert sealing.verify().ok


def test_an_empty_trail_is_whole() -> None:
    assert sealing.verify().ok


@pytest.mark.parametrize(
    ("field", "value"),
    [("note", "x"), ("actor_text", "somebody else"), ("action", "test.row.kept"), ("after", "{}"),
     ("outcome", "failed"), ("actor_id", 7), ("object_id", "8"), ("via", "page")],
)  # fmt: skip
def test_an_edited_event_is_named(field: str, value: object) -> None:
    event = chain(3)[1]
    AuditEvent.objects.filter(pk=event.pk).update(**{field: value})
    (problem,) = sealing.verify().problems
    assert (problem.kind, problem.seq, problem.event_id) == ("edited", 2, event.pk)


def test_a_moved_time_is_named() -> None:
    event = chain(2)[0]
    AuditEvent.objects.filter(pk=event.pk).update(at=event.at + timedelta(microseconds=1))
    assert kinds() == {"edited"}


def test_an_edited_event_that_waits_is_named() -> None:
    event = make_event()
    AuditEvent.objects.filter(pk=event.pk).update(note="x")
    (problem,) = sealing.verify().problems
    assert (problem.kind, problem.event_id) == ("edited", event.pk)


def test_a_deleted_event_is_named() -> None:
    chain(4)
    AuditEvent.objects.filter(seq=2).delete()
    (problem,) = sealing.verify().problems
    assert (problem.kind, problem.sentence) == ("gap", "Event 2 is missing.")


def test_several_deleted_events_are_named_together() -> None:
    chain(5)
    AuditEvent.objects.filter(seq__in=[2, 3]).delete()
    assert [problem.sentence for problem in sealing.verify().problems] == [
        "Events 2 to 3 are missing."
    ]


def test_exchanged_events_are_named() -> None:
    first, second, *_ = chain(3)
    AuditEvent.objects.filter(pk=first.pk).update(seq=99)
    AuditEvent.objects.filter(pk=second.pk).update(seq=1)
    AuditEvent.objects.filter(pk=first.pk).update(seq=2)
    assert "seal" in kinds()


def test_a_renumbered_chain_is_noticed() -> None:
    chain(4)
    AuditEvent.objects.filter(seq=2).delete()
    for seq in (3, 4):
        AuditEvent.objects.filter(seq=seq).update(seq=seq - 1)
    AuditChain.objects.update(head_seq=3)
    assert {"seal", "prev"} <= kinds()


def test_a_cut_off_end_is_noticed_by_the_head() -> None:
    chain(4)
    AuditEvent.objects.filter(seq__gt=2).delete()
    assert "head" in kinds()


def test_a_cut_off_end_with_a_forged_head_is_noticed_by_the_checkpoint() -> None:
    events = chain(4)
    AuditEvent.objects.filter(seq__gt=2).delete()
    AuditChain.objects.update(head_seq=2, head_seal=events[1].seal)
    (problem,) = sealing.verify().problems
    assert (problem.kind, problem.seq) == ("truncated", 3)


def test_an_emptied_trail_is_noticed() -> None:
    chain(3)
    AuditEvent.objects.all().delete()
    AuditChain.objects.update(head_seq=0, head_seal="")
    assert kinds() == {"truncated"}


def test_an_event_beyond_the_head_is_noticed() -> None:
    chain(2)
    event = make_event()
    AuditEvent.objects.filter(pk=event.pk).update(seq=9, prev="x", seal="y")
    assert kinds() == {"head"}


def test_a_wrong_key_is_noticed_and_the_list_is_bounded(settings: Settings) -> None:
    chain(80)
    settings.AUDIT_KEY = "another-audit-key-of-somebody"
    report = sealing.verify()
    assert len(report.problems) == sealing.PROBLEMS_SHOWN
    assert report.problems_omitted > 0


def test_an_unreadable_event_is_named() -> None:
    event = chain(2)[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_auditevent SET after = 'v1:x:y' WHERE id = %s", [event.pk])
    (problem,) = sealing.verify().problems
    assert (problem.kind, problem.event_id) == ("unreadable", event.pk)


def test_checkpoints_are_written_once_a_minute(checkpoint_file: Path) -> None:
    chain(1)
    chain(1)
    assert len(checkpoint_file.read_text().splitlines()) == 1
    AuditChain.objects.update(checkpoint_at=timezone.now() - timedelta(seconds=61))
    sealing.seal_pending()
    assert [mark.seq for mark in checkpoints.read().rows] == [1, 2]


def test_a_quiet_chain_writes_no_checkpoints(checkpoint_file: Path) -> None:
    chain(1)
    AuditChain.objects.update(checkpoint_at=timezone.now() - timedelta(days=1))
    sealing.seal_pending()
    assert len(checkpoint_file.read_text().splitlines()) == 1


def test_a_forged_checkpoint_is_named(checkpoint_file: Path) -> None:
    chain(2)
    mark = json.loads(checkpoint_file.read_text())
    checkpoint_file.write_text(json.dumps({**mark, "seq": 1}) + "\nnot json\n")
    sentences = [problem.sentence for problem in sealing.verify().problems]
    assert sentences[-2:] == [
        "Line 1 of the checkpoint file is damaged.",
        "Line 2 of the checkpoint file is damaged.",
    ]


def test_a_lost_checkpoint_file_is_named(checkpoint_file: Path) -> None:
    chain(2)
    checkpoint_file.unlink()
    assert kinds() == {"checkpoint"}


def aged_chain(old: int, fresh: int) -> None:
    """Events of last year, then some of today."""
    year_ago = timezone.now() - timedelta(days=365)
    for number in range(old + fresh):
        event = make_event(after={"n": number})
        if number < old:
            event.at = year_ago
            event.content_mac = sealing.content_mac(event)
            values = {"at": event.at, "content_mac": event.content_mac}
            AuditEvent.objects.filter(pk=event.pk).update(**values)
    sealing.seal_pending()


MONTH_AGO = timedelta(days=30)


def test_pruning_leaves_a_chain_that_verifies() -> None:
    aged_chain(old=5, fresh=3)
    assert sealing.prune(timezone.now() - MONTH_AGO, actor=SYSTEM) == 5
    sealing.seal_pending()
    report = sealing.verify()
    assert (report.problems, report.first_seq, report.last_seq) == ([], 6, 9)


def test_pruning_twice_goes_on_where_it_was() -> None:
    aged_chain(old=4, fresh=2)
    sealing.prune(timezone.now() - MONTH_AGO, actor=SYSTEM)
    assert sealing.prune(timezone.now() - MONTH_AGO, actor=SYSTEM) == 0


def test_a_killed_pruning_leaves_a_chain_that_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    aged_chain(old=5, fresh=2)
    monkeypatch.setattr(sealing, "BATCH", 2)
    real = models.QuerySet.delete
    calls: list[int] = []

    def die_second_time(rows: models.QuerySet[AuditEvent]) -> tuple[int, dict[str, int]]:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(rows)

    monkeypatch.setattr(models.QuerySet, "delete", die_second_time)
    with pytest.raises(KeyboardInterrupt):
        sealing.prune(timezone.now() - MONTH_AGO, actor=SYSTEM)
    monkeypatch.undo()
    assert sealing.verify().first_seq == 3
    assert sealing.verify().ok
    assert sealing.prune(timezone.now() - MONTH_AGO, actor=SYSTEM) == 3


def test_a_deleted_beginning_without_an_anchor_is_noticed() -> None:
    chain(5)
    AuditEvent.objects.filter(seq__lte=2).delete()
    (problem,) = sealing.verify().problems
    assert (problem.kind, problem.seq) == ("start", 3)


def test_an_ordinary_checkpoint_is_no_anchor() -> None:
    chain(2)
    AuditChain.objects.update(checkpoint_at=timezone.now() - timedelta(hours=1))
    chain(2)
    AuditEvent.objects.filter(seq__lte=2).delete()
    assert "start" in kinds()


def test_more_than_was_pruned_is_noticed() -> None:
    aged_chain(old=3, fresh=3)
    sealing.prune(timezone.now() - MONTH_AGO, actor=SYSTEM)
    AuditEvent.objects.filter(seq=4).delete()
    assert "start" in kinds()


def test_pruning_is_for_admins_and_the_past(operator: User) -> None:
    with pytest.raises(NotAllowed):
        sealing.prune(timezone.now(), actor=Actor.person(operator))
    with pytest.raises(InputError):
        sealing.prune(timezone.now() + timedelta(days=1), actor=SYSTEM)


def test_an_event_refuses_to_be_saved_again_or_deleted() -> None:
    event = make_event()
    event.note = "x"
    with pytest.raises(TypeError, match="written once"):
        event.save()
    with pytest.raises(TypeError, match="not deleted"):
        event.delete()


def test_the_command_ends_with_one_when_something_is_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chain(2)
    call_command("verify_audit")
    assert "The audit trail is whole: 2 sealed (1 to 2)" in capsys.readouterr().out
    AuditEvent.objects.filter(seq=1).update(note="x")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--json")
    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["seq"] == 1


WRITERS, EACH = 16, 12


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_sealers_make_one_chain() -> None:
    AuditChain.objects.get_or_create(pk=1)
    errors: list[BaseException] = []
    done = threading.Event()

    def write(number: int) -> None:
        for turn in range(EACH):
            make_event(after={"writer": number, "turn": turn})

    def seal() -> None:
        while not done.is_set():
            sealing.seal_pending(limit=7)
            done.wait(0.005)

    def guarded(work: object, *args: object) -> None:
        try:
            work(*args)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001  a thread's error must reach the test
            errors.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=guarded, args=(write, n)) for n in range(WRITERS)]
    sealers = [threading.Thread(target=guarded, args=(seal,)) for _ in range(2)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in sealers:
        thread.join(60)
    close_old_connections()
    while sealing.seal_pending():
        pass
    report = sealing.verify()
    assert errors == []
    assert (report.problems, report.unsealed) == ([], 0)
    assert (report.sealed, report.last_seq) == (WRITERS * EACH, WRITERS * EACH)


def test_a_mark_behind_a_torn_one_stays_readable(checkpoint_file: Path) -> None:
    checkpoints.append("2026-09-14T06:00:00.000+00:00", 1, "seal")
    with checkpoint_file.open("a") as file:
        file.write('{"at":"2026-09-14T06:0')
    checkpoints.append("2026-09-14T06:02:00.000+00:00", 3, "seal")
    found = checkpoints.read()
    assert [mark.seq for mark in found.rows] == [1, 3]
    assert found.damaged == (2,)
