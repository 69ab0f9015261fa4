"""What the mirror tells the rest of the portal, in the step that wrote the rows.

An execution's failure is told once, when its row becomes an error: however the portal learnt of
it, by its record or by an event of the platform, the row is what remembers.
"""

from __future__ import annotations

from collections.abc import Sequence

from boomi.access import audience_of
from boomi.models import Deployment, Execution, Runtime
from scheduling.events import register, tell

EXECUTIONS_FAILED = register("boomi.executions.failed", "executions failed")
DEPLOYMENT_NEW = register("boomi.deployment.new", "something was deployed")
RUNTIME_OFFLINE = register("boomi.runtime.offline", "a runtime went offline")
NAMED_AT_ONCE = 100


def tell_failures(account_pk: int, execution_ids: Sequence[str]) -> None:
    """Executions that have just become errors, the newest of them by primary key."""
    if not execution_ids:
        return
    rows = Execution.objects.filter(account_id=account_pk, execution_id__in=execution_ids)
    newest = rows.order_by("-started_at").values_list("pk", flat=True)[:NAMED_AT_ONCE]
    _tell(EXECUTIONS_FAILED.name, account_pk, executions=list(newest), count=len(execution_ids))


def tell_deployments(account_pk: int, deployment_ids: Sequence[str]) -> None:
    """Deployments the mirror has just seen for the first time."""
    if not deployment_ids:
        return
    rows = Deployment.objects.filter(account_id=account_pk, deployment_id__in=deployment_ids)
    keys = rows.order_by("-deployed_at").values_list("pk", flat=True)[:NAMED_AT_ONCE]
    _tell(DEPLOYMENT_NEW.name, account_pk, deployments=list(keys))


def tell_offline(account_pk: int, runtime_ids: Sequence[str]) -> None:
    """Runtimes that answered when they were last looked at and do not any more."""
    rows = Runtime.objects.filter(account_id=account_pk, runtime_id__in=runtime_ids)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        _tell(RUNTIME_OFFLINE.name, account_pk, runtime=pk)


def _tell(name: str, account_pk: int, **facts: object) -> None:
    tell(name, {"audience": audience_of(account_pk), "account": account_pk, **facts})
