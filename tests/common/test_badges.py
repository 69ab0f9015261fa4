"""Every status the portal knows has words, and what it does not know is shown honestly."""

import pytest
from django.conf import settings
from django.db.models import TextChoices

from analysis.models import AnalysisStatus
from boomi.models import ConnectionState, Execution, ExecutionOutcome, LogState
from common import badges
from common.badges import Badge, badge, register
from common.models import AuditEvent
from common.templatetags.portal import ICONS
from scheduling.models import JobStatus

CHOICES: list[tuple[str, type[TextChoices]]] = [
    ("analysis", AnalysisStatus),
    ("audit", AuditEvent.Outcome),
    ("connection", ConnectionState),
    ("job", JobStatus),
    ("log", LogState),
    ("outcome", ExecutionOutcome),
]
RAW = {
    "execution": "ABORTED ABORTED_RECOVERING COMPLETE COMPLETE_WARN DISCARDED ENQUEUED ERROR "
    "INPROCESS STARTED",
    "runtime": "ONLINE OFFLINE WARNING UNKNOWN",
    "analysis_outcome": "completed completed_with_errors aborted running",
}


@pytest.mark.parametrize(("kind", "choices"), CHOICES)
def test_every_choice_has_a_badge(kind: str, choices: type[TextChoices]) -> None:
    assert set(badges.kinds()[kind].table) == set(choices.values)


@pytest.mark.parametrize(("kind", "statuses"), RAW.items())
def test_every_value_of_the_platform_has_a_badge(kind: str, statuses: str) -> None:
    assert set(badges.kinds()[kind].table) == set(statuses.split())


def test_every_badge_has_word_tone_icon_and_sentence() -> None:
    sprite = (settings.BASE_DIR / "static" / ICONS).read_text(encoding="utf-8")
    for kind, entry in badges.kinds().items():
        for status, found in entry.table.items():
            place = f"{kind} {status}"
            assert found.tone in {"neutral", "active", "good", "warn", "bad"}, place
            assert found.word, place
            assert found.sentence.endswith("."), place
            assert f'id="{found.icon}"' in sprite, place


def test_a_row_is_asked_for_the_attribute_of_the_kind() -> None:
    run = Execution(status="COMPLETE_WARN", outcome="success", log_state="purged")
    words = [badge(kind, run).word for kind in ("execution", "outcome", "log")]
    assert words == ["With warnings", "Success", "Purged"]


def test_a_new_status_of_the_platform_is_shown_as_it_is() -> None:
    found = badge("execution", "HALF_DONE")
    assert (found.tone, found.word) == ("neutral", "Half done")


def test_an_empty_status_reads_unknown() -> None:
    assert badge("runtime", "").word == "Unknown"


def test_an_unknown_kind_is_a_bug() -> None:
    with pytest.raises(KeyError):
        badge("no-such-kind", "x")


def test_a_kind_has_one_owner() -> None:
    badges.kinds()
    with pytest.raises(ValueError, match="job"):
        register("job", {"queued": Badge("neutral", "x", "x", "x.")})
