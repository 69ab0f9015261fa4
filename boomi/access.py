"""Who sees which account, and who may do what to a connection, an execution or a log.

A person sees an account through an own connection that was tested with success, through
such a connection or a grant of one of their teams, or as Admin. What hangs on an account is
seen with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from boomi.models import (
    Account,
    AccountGroup,
    ApiCall,
    CompletenessCheck,
    Component,
    ComponentReference,
    ComponentVersion,
    Connection,
    Deployment,
    Environment,
    Execution,
    ExecutionConnector,
    ExecutionSummary,
    ExecutionTally,
    Folder,
    LogFile,
    PackagedComponent,
    PlatformAuditEntry,
    PlatformEvent,
    ProcessSchedule,
    Runtime,
    SyncMark,
)
from common import access
from common.access import ALLOWED, Verdict, needs
from common.actors import Actor
from common.roles import Role

M = TypeVar("M", bound=Model)

access.role_rule("boomi.connection.create", Role.OPERATOR)


def own_connections(actor: Actor) -> Q:
    """The connections an actor reaches without being Admin: their own and their teams'."""
    return Q(owner_id=actor.user.pk if actor.user else None) | Q(team__in=actor.team_ids)


def account_ids(actor: Actor) -> QuerySet[Account, int]:
    """Primary keys of the accounts the actor sees, as a subquery."""
    return access.visible(actor, Account.objects.order_by()).values_list("pk", flat=True)


@access.visible_for(Connection)
def visible_connections(actor: Actor, connections: QuerySet[Connection]) -> QuerySet[Connection]:
    return connections.filter(own_connections(actor))


@access.visible_for(Account)
def visible_accounts(actor: Actor, accounts: QuerySet[Account]) -> QuerySet[Account]:
    # Anybody can type an account id: a connection opens an account once the platform took it.
    proved = Connection.objects.filter(own_connections(actor), proved_at__isnull=False)
    connected = proved.order_by().values("account")
    granted = Account.objects.filter(grants__team__in=actor.team_ids).order_by().values("pk")
    return accounts.filter(Q(pk__in=connected) | Q(pk__in=granted))


@access.visible_for(Environment)
@access.visible_for(Runtime)
@access.visible_for(Execution)
@access.visible_for(Deployment)
@access.visible_for(AccountGroup)
@access.visible_for(ProcessSchedule)
@access.visible_for(ExecutionSummary)
@access.visible_for(ExecutionTally)
@access.visible_for(PlatformEvent)
@access.visible_for(PlatformAuditEntry)
@access.visible_for(Folder)
@access.visible_for(Component)
@access.visible_for(ComponentReference)
@access.visible_for(PackagedComponent)
@access.visible_for(CompletenessCheck)
@access.visible_for(SyncMark)
def visible_facts(actor: Actor, rows: QuerySet[M]) -> QuerySet[M]:
    return rows.filter(account__in=account_ids(actor))


@access.visible_for(ComponentVersion)
def visible_versions(actor: Actor, rows: QuerySet[ComponentVersion]) -> QuerySet[ComponentVersion]:
    return rows.filter(component__account__in=account_ids(actor))


@access.visible_for(ExecutionConnector)
def visible_connectors(
    actor: Actor, rows: QuerySet[ExecutionConnector]
) -> QuerySet[ExecutionConnector]:
    return rows.filter(execution__account__in=account_ids(actor))


@access.visible_for(LogFile)
def visible_log_files(actor: Actor, files: QuerySet[LogFile]) -> QuerySet[LogFile]:
    """Logs of executions. Files of uploads are seen through their analysis only."""
    executions = Execution.objects.filter(account__in=account_ids(actor)).order_by()
    return files.filter(pk__in=executions.exclude(log_file=None).values("log_file"))


@access.visible_for(ApiCall)
def visible_calls(actor: Actor, calls: QuerySet[ApiCall]) -> QuerySet[ApiCall]:
    connections = Connection.objects.filter(own_connections(actor)).order_by()
    return calls.filter(connection_id__in=connections.values("pk"))


@access.audience
def account_audiences(actor: Actor) -> set[str]:
    return {audience_of(pk) for pk in account_ids(actor)}


def audience_of(account_pk: int) -> str:
    """The audience key of what everybody who sees the account may see."""
    return f"account:{account_pk}"


def _sees_connection(actor: Actor, connection: Connection) -> bool:
    if actor.is_admin:
        return True
    owner = actor.user is not None and connection.owner_id == actor.user.pk
    return actor.rank >= 0 and (owner or connection.team_id in actor.team_ids)


def _sees_account(actor: Actor, account_pk: int) -> bool:
    return access.visible(actor, Account.objects.filter(pk=account_pk)).exists()


@access.rule("boomi.connection.view", changes=False)
def may_view_connection(actor: Actor, connection: Connection) -> Verdict:
    if _sees_connection(actor, connection):
        return ALLOWED
    return Verdict(False, "This connection belongs to somebody else.")


@access.rule("boomi.connection.edit")
@access.rule("boomi.connection.delete")
def may_own_connection(actor: Actor, connection: Connection) -> Verdict:
    owner = actor.user is not None and connection.owner_id == actor.user.pk
    if actor.is_admin or (owner and actor.has_role(Role.OPERATOR)):
        return ALLOWED
    if owner:
        return needs(actor, Role.OPERATOR)
    return Verdict(False, "Only the owner of the connection or an Admin may do this.")


@access.rule("boomi.connection.test")
@access.rule("boomi.connection.sync")
def may_use_connection(actor: Actor, connection: Connection) -> Verdict:
    if not _sees_connection(actor, connection):
        return Verdict(False, "This connection belongs to somebody else.")
    return needs(actor, Role.OPERATOR)


@access.rule("boomi.execution.view", changes=False)
def may_view_execution(actor: Actor, execution: Execution) -> Verdict:
    if _sees_account(actor, execution.account_id):
        return ALLOWED
    return Verdict(False, "This account is not shared with you.")


@access.rule("boomi.execution.analyse")
@access.rule("boomi.log.download", changes=False)
def may_read_log(actor: Actor, execution: Execution) -> Verdict:
    """A raw log may hold customer data: reading it needs more than seeing the execution."""
    if not _sees_account(actor, execution.account_id):
        return Verdict(False, "This account is not shared with you.")
    return needs(actor, Role.OPERATOR)


def may_sync_again(actor: Actor, params: Mapping[str, Any]) -> Verdict:
    """May the sync of these parameters be asked for? One that is gone refuses in its job."""
    connection = Connection.objects.filter(pk=params.get("connection") or 0).first()
    return access.may(actor, "boomi.connection.sync", connection) if connection else ALLOWED


def may_fetch_again(actor: Actor, params: Mapping[str, Any]) -> Verdict:
    execution = Execution.objects.filter(pk=params.get("execution") or 0).first()
    return access.may(actor, "boomi.execution.analyse", execution) if execution else ALLOWED


def may_delete_account(actor: Actor, params: Mapping[str, Any]) -> Verdict:
    """Only an Admin deletes what was mirrored; a retry is no way around that."""
    return needs(actor, Role.ADMIN)
