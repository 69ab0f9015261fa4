import pickle

import pytest

from boomi.client import BoomiError, Broken, RateLimited, Throttled, Unreachable, errors

KINDS = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, BoomiError)]


@pytest.mark.parametrize("kind", [k for k in KINDS if not issubclass(k, RateLimited)])
def test_an_error_survives_pickling_with_everything_it_knows(kind):
    exc = kind("It failed.", hint="Do this.", status=400, path="/x", attempts=2, said="no")
    found = pickle.loads(pickle.dumps(exc))
    assert (type(found), found.message, vars(found)) == (kind, "It failed.", vars(exc))


@pytest.mark.parametrize("kind", [RateLimited, Throttled])
def test_a_limit_tells_how_long_to_wait(kind):
    found = pickle.loads(pickle.dumps(kind(12.5, status=503)))
    assert (found.wait_seconds, found.status) == (12.5, 503)
    assert "12.5 s" in str(found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_its_own_stable_code(kind):
    assert kind.default_code.isupper()
    assert kind.__doc__


def test_only_faults_that_may_pass_are_repeated():
    assert {k.__name__ for k in KINDS if k.may_repeat} == {
        "Broken",
        "Throttled",
        "Timeout",
        "TransportError",
        "Unreachable",
    }
    assert not Unreachable("No.", code="TLS_FAILED").may_repeat


def test_what_was_given_wins_over_the_usual_words():
    assert Broken("No.", code="X", hint="Y").details["code"] == "X"
    assert Broken("No.").hint == Broken.default_hint
