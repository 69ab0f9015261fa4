"""/metrics: the figures of the portal for a monitor that reads the Prometheus format.

Everything is read from the database when asked, so any process may answer and all give the
same figures. Nothing here is a secret, but it names accounts: a token is needed.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from boomi import usage
from boomi.models import CallCount, Circuit, Connection, ConnectionState, SyncMark
from common import tokens
from common.actors import Actor
from common.errors import PortalError
from config import health
from scheduling.models import LIVE, Delivery, JobRun

WAITING_DELIVERIES = (Delivery.Status.QUEUED, Delivery.Status.SENDING, Delivery.Status.FAILED)
HEALTH = {health.HEALTHY: 1.0, health.DEGRADED: 0.5, health.DOWN: 0.0}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for who holds METRICS_TOKEN or the API token of an Admin.

    Without the setting strangers cannot tell that the address exists.
    """
    if not _may_read(request):
        if not settings.METRICS_TOKEN:
            raise Http404
        return HttpResponse(
            "Send `Authorization: Bearer` with METRICS_TOKEN or the API token of an Admin.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
        )
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type)


def _may_read(request: HttpRequest) -> bool:
    word, _, given = request.headers.get("Authorization", "").partition(" ")
    given = given.strip()
    if word.lower() not in ("bearer", "token") or not given:
        return False
    own = settings.METRICS_TOKEN
    if own and hmac.compare_digest(given.encode(), own.encode()):
        return True
    try:
        user, _token = tokens.authenticate(given)
    except PortalError:
        return False
    return Actor.person(user, via="api").is_admin


class PortalCollector(Collector):
    """Reads the database at each scrape, with a fixed number of queries."""

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _connections()
        yield from _calls()
        yield _quota_used()
        yield _quota_cap()
        yield _circuits()
        yield _lag()
        yield _jobs()
        yield _deliveries()
        yield _health()


def _connections() -> Iterator[Metric]:
    labels = ("service", "connection", "account", "name")
    state = GaugeMetricFamily(
        "portal_connection_state",
        "1 for the state a connection is in, 0 for the others.",
        labels=(*labels, "state"),
    )
    since = GaugeMetricFamily(
        "portal_connection_state_since_seconds", "Unix time since when it is so.", labels=labels
    )
    for row in Connection.objects.select_related("account").order_by("pk"):
        values = ("boomi", str(row.pk), row.account.account_id, row.name)
        for one in ConnectionState.values:
            state.add_metric((*values, one), float(row.status == one))
        since.add_metric(values, row.status_since.timestamp())
    yield state
    yield since


def _calls() -> Iterator[Metric]:
    labels = ("service", "account", "feature", "outcome")
    attempts = CounterMetricFamily(
        "portal_api_calls", "HTTP attempts by how they ended.", labels=labels
    )
    asked = CounterMetricFamily(
        "portal_api_requests", "Calls, repeats not counted.", labels=labels[:3]
    )
    failed = CounterMetricFamily(
        "portal_api_failures",
        "Calls that ended without a usable answer after all repeats; refusals are answers.",
        labels=labels[:3],
    )
    sums: dict[tuple[str, ...], list[int]] = {}
    rows = CallCount.objects.order_by("service", "account_id", "feature", "outcome", "final")
    names = ("service", "account_id", "feature", "outcome", "final")
    by_outcome: dict[tuple[str, ...], int] = {}
    for *key, final, calls in rows.values_list(*names).annotate(sum=Sum("calls")):
        sort, outcome = tuple(key[:3]), str(key[3])
        by_outcome[(*sort, outcome)] = by_outcome.get((*sort, outcome), 0) + calls
        entry = sums.setdefault(sort, [0, 0])
        entry[0] += calls if final else 0
        entry[1] += calls if final and outcome in usage.FAILED else 0
    for values, count in by_outcome.items():
        attempts.add_metric(values, count)
    for values, (all_asked, all_failed) in sums.items():
        asked.add_metric(values, all_asked)
        failed.add_metric(values, all_failed)
    yield attempts
    yield asked
    yield failed


def _quota_used() -> Metric:
    family = GaugeMetricFamily(
        "portal_api_quota_used",
        "Calls charged to the account in the last minute and hour.",
        labels=("service", "account", "window"),
    )
    used = usage.recent(_charged(), timezone.now())
    for account in sorted(_charged()):
        for window, count in zip(("minute", "hour"), used.get(account, (0, 0)), strict=True):
            family.add_metric(("boomi", account, window), count)
    return family


def _charged() -> list[str]:
    return list(
        Connection.objects.order_by().values_list("account__account_id", flat=True).distinct()
    )


def _quota_cap() -> Metric:
    family = GaugeMetricFamily(
        "portal_api_quota_cap",
        "How many of those are allowed.",
        labels=("service", "window"),
    )
    for window, cap in zip(("minute", "hour"), usage.caps(), strict=True):
        family.add_metric(("boomi", window), cap)
    return family


def _circuits() -> Metric:
    family = GaugeMetricFamily(
        "portal_circuit_open",
        "1 while the platform is not called for an account, 0.5 while it is being tried.",
        labels=("service", "account"),
    )
    values = {Circuit.State.CLOSED: 0.0, Circuit.State.HALF_OPEN: 0.5, Circuit.State.OPEN: 1.0}
    states = dict(Circuit.objects.values_list("pk", "state"))
    for account in sorted({*states, *_charged()}):
        state = Circuit.State(states.get(account, Circuit.State.CLOSED))
        family.add_metric(("boomi", account), values[state])
    return family


def _lag() -> Metric:
    family = GaugeMetricFamily(
        "portal_sync_lag_seconds",
        "Time since the mirror of a kind was last complete.",
        labels=("service", "account", "kind"),
    )
    now = timezone.now()
    marks = SyncMark.objects.exclude(completed_at=None).order_by("account_id", "kind")
    for account, kind, at in marks.values_list("account__account_id", "kind", "completed_at"):
        if at is not None:
            family.add_metric(("boomi", account, kind), max(0.0, (now - at).total_seconds()))
    return family


def _jobs() -> Metric:
    family = GaugeMetricFamily(
        "portal_jobs", "Jobs that have not ended, by queue and state.", labels=("queue", "state")
    )
    rows = JobRun.objects.filter(status__in=LIVE).order_by()
    counts = {
        (queue, status): count
        for queue, status, count in rows.values_list("queue", "status").annotate(Count("pk"))
    }
    for queue in JobRun.Queue.values:
        for status in sorted(LIVE):
            family.add_metric((queue, status), counts.get((queue, status), 0))
    return family


def _deliveries() -> Metric:
    family = GaugeMetricFamily(
        "portal_deliveries", "Notifications that were not sent yet or at all.", labels=("state",)
    )
    rows = Delivery.objects.filter(status__in=WAITING_DELIVERIES).order_by()
    counts = dict(rows.values_list("status").annotate(Count("pk")))
    for status in WAITING_DELIVERIES:
        family.add_metric((status,), counts.get(status, 0))
    return family


def _health() -> Metric:
    family = GaugeMetricFamily(
        "portal_health", "1 healthy, 0.5 degraded, 0 down.", labels=("check",)
    )
    for result in health.run_checks():
        family.add_metric((result.name,), HEALTH[result.state])
    return family


registry = CollectorRegistry(auto_describe=False)
registry.register(PortalCollector())
