"""Three processes of their own, one account: together they keep to its caps."""

import multiprocessing
import os

import pytest
from django.db import connections

from boomi import clients
from boomi.client import INTERACTIVE, RateLimited, field
from boomi.models import Connection
from sandbox.scenario import TRUTH

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
PROCESSES, PER_SECOND, PER_MINUTE, AT_ONCE = 3, 20, 60, 3
ADMITTED = int(PER_MINUTE * 0.95)


def fire(connection_pk: int) -> None:
    """Call until the minute is used up. Runs in a forked process, which must not tidy up."""
    status = 1
    try:
        row = Connection.objects.select_related("account").get(pk=connection_pk)
        client = clients.open_client(row, purpose=INTERACTIVE)
        for _ in range(PER_MINUTE):
            client.execution_page(field("status").eq("ERROR"))
    except RateLimited as refused:
        status = 0 if refused.wait_seconds > 2 else 1
    finally:
        os._exit(status)


def test_caps_hold_for_three_processes(connection, sandbox, settings):
    settings.API_REQUESTS_PER_SECOND = PER_SECOND
    settings.API_REQUESTS_PER_MINUTE = PER_MINUTE
    settings.API_CONCURRENCY = AT_ONCE
    sandbox.latency_ms = 60
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=fire, args=(connection.pk,)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    seen, account = sandbox.counters, TRUTH.primary.account_id
    assert seen.total == ADMITTED
    assert seen.max_per_minute(account) == ADMITTED
    assert seen.max_per_second(account) <= PER_SECOND
    assert 1 < seen.max_in_flight <= AT_ONCE
