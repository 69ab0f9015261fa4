"""Deployments: a year of history once, then what is new, and each hour what is live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from boomi.client import BoomiClient, DeployedPackageRecord, Page, field
from boomi.client.queries import Expression
from boomi.events import tell_deployments
from boomi.models import Deployment, SyncMark
from boomi.rows.landscape import store_deployments
from boomi.rows.upserts import ROWS_AT_ONCE, Stored
from boomi.services.sync_pages import TimedPass, Window
from boomi.services.sync_tally import Tally, moment, now
from scheduling.jobs import JobContext

HISTORY = timedelta(days=360)
LIVE_EVERY = timedelta(hours=1)
# One that is found later is history.
TOLD_WITHIN = timedelta(days=1)


def mirror_deployments(ctx: JobContext, client: BoomiClient, account_pk: int, tally: Tally) -> bool:
    """Go on with the history, or read what came since; False when the slice is over."""
    return DeploymentPass(ctx, client, account_pk, tally).run()


class DeploymentPass(TimedPass[DeployedPackageRecord]):
    """The platform switches a deployment off without a word when another replaces it or it is
    undeployed, and lists none without a date by its date: so what is live is asked apart."""

    kind = SyncMark.Kind.DEPLOYMENTS
    property = "deployedDate"
    first = HISTORY

    def ask(self, expression: Expression | None, token: str | None) -> Page[DeployedPackageRecord]:
        return self.client.deployed_packages_page(expression, token)

    def store(self, records: Sequence[DeployedPackageRecord]) -> Stored:
        stored = store_deployments(self.account_pk, records, now())
        if not self.is_first:
            for record in records:
                _replace_earlier(self.account_pk, record)
            since = self.started - TOLD_WITHIN
            news = {one.deployment_id for one in records if (one.deployed_at or since) > since}
            tell_deployments(self.account_pk, [name for name in stored.added if name in news])
        return stored

    def after(self) -> bool:
        live_at = moment(self.mark.cursor.get("live_at"))
        due = live_at is None or self.started - live_at >= LIVE_EVERY
        if not due and self.window("live") is None:
            return True
        return self.walk(
            "live", Window(None, self.started), self._ask_live, self._store_live, self._end_live
        )

    def _ask_live(self, window: Window, token: str | None) -> Page[DeployedPackageRecord]:
        return self.client.deployed_packages_page(field("active").eq(True), token)

    def _store_live(self, records: Sequence[DeployedPackageRecord]) -> Stored:
        """`seen_at` says which were listed, so that no list of them has to be kept."""
        live = [record for record in records if record.active is not False]
        stored = store_deployments(self.account_pk, live, now())
        Deployment.objects.filter(
            account_id=self.account_pk,
            deployment_id__in=[record.deployment_id for record in live],
        ).update(seen_at=now())
        return stored

    def _end_live(self, window: Window) -> None:
        """What is taken for live and was not listed since the walk began was undeployed."""
        claimed = Deployment.objects.filter(
            account_id=self.account_pk, active=True, seen_at__lt=window.end
        )
        stale = list(claimed.order_by().values_list("pk", flat=True))
        for start in range(0, len(stale), ROWS_AT_ONCE):
            batch = Deployment.objects.filter(pk__in=stale[start : start + ROWS_AT_ONCE])
            batch.update(active=False)
        self.mark.cursor = {**self.mark.cursor, "live_at": window.end.isoformat()}


def _replace_earlier(account_pk: int, record: DeployedPackageRecord) -> None:
    if record.active and record.deployed_at is not None:
        Deployment.objects.filter(
            account_id=account_pk,
            component_id=record.component_id,
            environment_id=record.environment_id,
            deployed_at__lt=record.deployed_at,
            active=True,
        ).update(active=False)
