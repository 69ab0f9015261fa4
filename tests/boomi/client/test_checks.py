import pytest
import requests

from boomi.client import Missing, Policy, Timeout, Unauthorised
from tests.boomi.client.conftest import BASE
from tests.boomi.client.samples import account, result

QUERIES = ["Environment", "Atom", "ExecutionRecord", "DeployedPackage", "ComponentMetadata"]
DENIED = {"status": 403, "json": {"message": "Access denied due to insufficient permissions."}}
UNKNOWN = {"status": 400, "json": {"message": "executionId is invalid"}}


def answer(platform, **changes: dict[str, object]) -> None:
    known = {kind: {"json": result()} for kind in QUERIES}
    known |= {"ProcessLog": UNKNOWN, "Account": {"json": account()}}
    for kind, what in {**known, **changes}.items():
        if kind == "Account":
            platform.get(f"{BASE}/Account/acme-A1B2C3", **what)
        else:
            platform.post(f"{BASE}/{kind}" + ("" if kind == "ProcessLog" else "/query"), **what)


def test_a_connection_with_every_right_passes(platform, client):
    answer(platform)
    found = client.check()
    assert found.account_name == "Acme"
    assert [right.granted for right in found.rights] == [True] * 7
    assert found.missing == []
    assert all(right.name and right.needed_for for right in found.rights)


@pytest.mark.parametrize(
    ("kind", "name", "needed_for"),
    [
        ("Account", "ACCOUNT_ADMIN", "the name of the account"),
        ("Environment", "ATOM_MANAGEMENT_READ_ONLY", "environments"),
        ("Atom", "ATOM_MANAGEMENT_READ_ONLY", "runtimes"),
        ("ExecutionRecord", "VIEW_RESULT", "executions"),
        ("ProcessLog", "VIEW_RESULT", "process logs"),
        ("DeployedPackage", "DEPLOY", "deployments"),
        ("ComponentMetadata", "BUILD_READ", "components"),
    ],
)
def test_a_missing_right_is_named(platform, client, kind, name, needed_for):
    answer(platform, **{kind: DENIED})
    (missing,) = client.check().missing
    assert (missing.name, missing.needed_for) == (name, needed_for)
    assert missing.detail == "Access denied due to insufficient permissions."


@pytest.mark.parametrize(
    "what", [{"status": 500}, {"status": 400}, {"body": requests.ReadTimeout()}]
)
def test_a_right_that_could_not_be_tried_is_neither_granted_nor_missing(platform, client, what):
    answer(platform, Atom=what)
    found = client.check()
    (open_question,) = [right for right in found.rights if right.granted is None]
    assert open_question.needed_for == "runtimes"
    assert open_question.detail
    assert found.missing == []


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorised), (404, Missing)])
def test_credentials_or_an_account_that_are_wrong_end_the_check(platform, client, status, kind):
    platform.get(f"{BASE}/Account/acme-A1B2C3", status=status)
    with pytest.raises(kind):
        client.check()


def test_the_check_keeps_to_its_five_seconds(platform, client, passing):
    def slow(request):
        passing.now += 2.0
        raise requests.ReadTimeout

    platform.get(f"{BASE}/Account/acme-A1B2C3", json=account())
    platform.add_callback("POST", f"{BASE}/Environment/query", slow)
    platform.add_callback("POST", f"{BASE}/Atom/query", slow)
    found = client.check()
    assert found.duration_ms < 7000
    assert [right.granted for right in found.rights] == [True] + [None] * 6
    assert "time" in found.rights[-1].detail


def test_a_platform_that_does_not_answer_ends_the_check(platform, make_client):
    platform.get(f"{BASE}/Account/acme-A1B2C3", body=requests.ConnectTimeout())
    with pytest.raises(Timeout):
        make_client(policy=Policy(max_attempts=1)).check()
