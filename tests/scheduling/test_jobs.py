"""The registry of jobs."""

import pytest

from scheduling import jobs
from scheduling.jobs import Done, JobContext, Retry, UnknownJob, job


def test_a_registered_job_is_found_with_its_limits() -> None:
    found = jobs.find("tests.flaky")
    assert (found.title, found.queue, found.max_tries) == ("Stumble", "later", 3)
    assert "tests.flaky" in jobs.names()


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownJob, match=r"No job is called 'tests\.none'"):
        jobs.find("tests.none")


def test_two_jobs_cannot_share_a_name() -> None:
    def other(context: JobContext) -> Done:
        return Done("other")

    with pytest.raises(ValueError, match="Two jobs are called"):
        job("tests.succeed", title="Other")(other)


def test_a_queue_must_exist() -> None:
    with pytest.raises(ValueError, match="unknown queue"):
        job("tests.nowhere", title="Nowhere", queue="soon")


def test_a_retry_has_a_sentence_even_when_none_was_given() -> None:
    error = Retry(5)
    assert (error.after_seconds, error.code) == (5, "GAVE_UP")
    assert error.message
    assert error.hint
