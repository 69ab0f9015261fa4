"""A process log from the question to the zip, and every way it can be refused."""

import io
import zipfile
from datetime import timedelta

import pytest

from sandbox.company import CLIENT, DEV_ATOM, MOLECULE, PRIMARY
from sandbox.faults import Faults
from tests.sandbox.caller import Caller, simple, unzip


@pytest.fixture
def run(sandbox):
    return sandbox.truth.failing_run


def ask(caller, execution_id, level="ALL"):
    return caller.post("ProcessLog", {"executionId": execution_id, "logLevel": level})


def test_a_log_is_202_twice_then_a_zip_then_gone(sandbox, caller, run):
    asked = ask(caller, run.execution_id).json()
    assert (asked["@type"], asked["statusCode"]) == ("LogDownload", 202)
    assert asked["url"].startswith(f"{sandbox.url}/account/{PRIMARY.account_id}/api/download/")
    answers = [caller.get(asked["url"]) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 200, 204, 204]
    assert answers[2].headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answers[2].content)) as archive:
        assert archive.namelist() == [f"{run.execution_id}.log"]


def test_the_log_is_the_one_the_truth_describes(sandbox, caller, run):
    text = caller.log(run.execution_id)
    truth = sandbox.log_truth(run.execution_id)
    assert len(text.encode()) == truth.size_bytes
    line = text.split("\n")[run.first_error.line - 1]
    assert line.split("\t")[2:] == [
        run.first_error.step,
        run.first_error.info,
        run.first_error.text,
    ]
    assert run.first_error.text in run.message


def test_a_level_keeps_that_level_and_above(sandbox, caller, run):
    levels = {line.split("\t")[1] for line in caller.log(run.execution_id, "WARNING").splitlines()}
    assert levels == {"WARNING", "SEVERE"}
    quiet = sandbox.truth.zero_documents_run.execution_id
    assert caller.log(quiet, "SEVERE") == ""


def test_the_xml_form_of_the_question(caller, run):
    body = f'<ProcessLog xmlns="http://api.platform.boomi.com/" executionId="{run.execution_id}"/>'
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    response = caller.post("ProcessLog", data=body, headers=headers)
    assert response.status_code == 200
    assert '<bns:LogDownload xmlns:bns="http://api.platform.boomi.com/"' in response.text
    assert 'statusCode="202"' in response.text


@pytest.mark.parametrize("level", ["all", "DEBUG", ""])
def test_an_unknown_level_is_refused(caller, run, level):
    assert ask(caller, run.execution_id, level).status_code == 400


@pytest.mark.parametrize("body", [{}, [], {"executionId": 7}])
def test_a_question_without_an_execution_is_refused(caller, body):
    response = caller.post("ProcessLog", body)
    assert response.status_code == 400
    assert "executionId" in response.json()["message"]


def is_invalid(response):
    return response.status_code == 400 and response.json()["message"].endswith("is invalid.")


def test_an_unknown_execution_is_invalid(caller):
    assert is_invalid(ask(caller, "execution-00000000-0000-0000-0000-000000000000-2026.03.11"))


def test_an_execution_of_another_account_is_invalid(sandbox, run):
    assert is_invalid(ask(Caller(sandbox, CLIENT), run.execution_id))


def test_runs_in_test_mode_and_discarded_runs_have_no_log(sandbox, caller):
    assert is_invalid(ask(caller, sandbox.truth.test_mode_run.execution_id))
    assert is_invalid(ask(caller, sandbox.truth.discarded_run.execution_id))


def test_a_log_asked_for_too_early_is_invalid(sandbox, caller):
    run = sandbox.truth.failing_run
    sandbox.clock.set(run.start + timedelta(seconds=30))
    assert is_invalid(ask(caller, run.execution_id))
    sandbox.clock.set(run.start + timedelta(seconds=110))
    assert ask(caller, run.execution_id).json()["statusCode"] == 202


def test_a_log_is_purged_after_30_days(sandbox, caller, run):
    sandbox.clock.set(run.start + timedelta(days=29, hours=23))
    assert ask(caller, run.execution_id).status_code == 200
    sandbox.clock.set(run.start + timedelta(days=30, seconds=1))
    assert is_invalid(ask(caller, run.execution_id))


def test_a_download_expires_after_30_minutes(sandbox, caller, run):
    url = ask(caller, run.execution_id).json()["url"]
    sandbox.clock.advance(timedelta(minutes=31))
    assert caller.get(url).status_code == 204


def test_a_runtime_that_is_off_answers_504_without_a_url(read_only, reader):
    rows = reader.query("ExecutionRecord", simple("atomId", "EQUALS", DEV_ATOM.atom_id))["result"]
    asked = ask(reader, rows[0]["executionId"]).json()
    assert asked == {
        "@type": "LogDownload",
        "statusCode": 504,
        "message": "Runtime is unavailable.",
    }


@pytest.mark.parametrize("named", [MOLECULE.atom_id, MOLECULE.name])
def test_a_runtime_can_be_switched_off(sandbox, caller, run, named):
    sandbox.faults.offline_runtimes = {named}
    assert ask(caller, run.execution_id).json()["statusCode"] == 504
    off = caller.query("Atom", simple("status", "EQUALS", "OFFLINE"))["result"]
    assert {atom["name"] for atom in off} == {MOLECULE.name, DEV_ATOM.name}
    assert caller.get(f"Atom/{MOLECULE.atom_id}").json()["status"] == "OFFLINE"


def test_an_unknown_download_is_404(sandbox, caller):
    url = f"{sandbox.url}/account/{PRIMARY.account_id}/api/download/ProcessLog-unknown"
    assert caller.get(url).status_code == 404


def test_a_download_needs_the_credentials_of_its_account(sandbox, caller, run):
    url = ask(caller, run.execution_id).json()["url"]
    assert Caller(sandbox, CLIENT).get(url).status_code == 403
    assert caller.session.get(url, auth=("x", "y"), timeout=10).status_code == 401


def test_a_partner_fetches_the_log_of_a_sub_account(sandbox, caller):
    rows = Caller(sandbox, CLIENT).query("ExecutionRecord")["result"]
    base = f"{sandbox.url}/partner/api/rest/v1/{PRIMARY.account_id}/ProcessLog"
    url = f"{base}?overrideAccount={CLIENT.account_id}"
    asked = caller.post(url, {"executionId": rows[0]["executionId"]}).json()
    assert CLIENT.account_id in asked["url"]
    sandbox.faults.log_202_count = 0
    assert "Fabrikam" in unzip(caller.get(asked["url"]).content)


class TestFaults:
    def test_a_slow_log_is_202_until_its_time(self, sandbox, caller, run):
        sandbox.faults = Faults(log_202_count=0, slow_log_seconds=60)
        url = ask(caller, run.execution_id).json()["url"]
        assert [caller.get(url).status_code for _ in range(4)] == [202] * 4
        sandbox.clock.advance(timedelta(seconds=61))
        assert caller.get(url).status_code == 200

    def test_an_expired_log_is_always_204(self, sandbox, caller, run):
        sandbox.faults.log_expired = True
        url = ask(caller, run.execution_id).json()["url"]
        assert [caller.get(url).status_code for _ in range(3)] == [204] * 3

    def test_a_truncated_zip_cannot_be_opened(self, sandbox, caller, run):
        sandbox.faults = Faults(log_202_count=0, truncated_zip=True)
        response = caller.get(ask(caller, run.execution_id).json()["url"])
        assert response.status_code == 200
        with pytest.raises(zipfile.BadZipFile):
            unzip(response.content)

    def test_an_empty_log_is_an_empty_entry(self, sandbox, caller, run):
        sandbox.faults = Faults(log_202_count=0, empty_log=True)
        assert unzip(caller.get(ask(caller, run.execution_id).json()["url"]).content) == ""

    def test_a_zip_bomb_is_small_outside_and_large_inside(self, sandbox, caller, run):
        sandbox.faults = Faults(log_202_count=0, zip_bomb_mb=5)
        content = caller.get(ask(caller, run.execution_id).json()["url"]).content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.infolist()[0].file_size == 5 << 20
        assert len(content) < 100_000

    def test_the_url_may_point_elsewhere(self, sandbox, caller, run):
        sandbox.faults.foreign_log_url = "http://other.example/log"
        assert ask(caller, run.execution_id).json()["url"] == "http://other.example/log"
