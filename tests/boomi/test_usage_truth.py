"""What the portal counts of its calls is what the other side counted."""

from collections import Counter

import pytest
from django.db.models import Sum

from boomi import clients
from boomi.client import BoomiError, field
from boomi.models import ApiCall, CallCount
from sandbox.faults import Faults
from sandbox.scenario import TRUTH

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
CALLS = 300


def test_with_five_percent_refused_less_than_one_percent_fail_and_all_is_counted(
    connection, sandbox, monkeypatch
):
    monkeypatch.setattr("boomi.client.http.backoff", lambda attempt: 0.0)
    sandbox.faults = Faults(throttle_503=0.05, seed=7)
    client, failed = clients.open_client(connection, feature="sync.executions"), 0
    for _ in range(CALLS):
        try:
            client.execution_page(field("status").eq("ERROR"))
        except BoomiError:
            failed += 1
    counted = Counter(
        dict(
            CallCount.objects.order_by()
            .values_list("outcome")
            .annotate(Sum("calls"))
            .values_list("outcome", "calls__sum")
        )
    )
    seen = sandbox.counters
    assert sum(counted.values()) == seen.total == ApiCall.objects.count()
    assert counted["503"] == seen.by_status[503] > 0
    assert counted["2xx"] == seen.by_status[200]
    lost = CallCount.objects.filter(final=True).exclude(outcome="2xx")
    assert (lost.aggregate(Sum("calls"))["calls__sum"] or 0) == failed
    assert failed / CALLS < 0.01


def test_a_hundred_calls_need_no_more_than_five_connections(connection, sandbox):
    accepted: set[object] = set()
    remember = sandbox._server.remember
    sandbox._server.remember = lambda one: (accepted.add(one.fileno()), remember(one))[1]
    for _ in range(100):
        clients.open_client(connection).execution_page(field("status").eq("ERROR"))
    assert sandbox.counters.by_account[TRUTH.primary.account_id] == 100
    assert len(accepted) <= 5
