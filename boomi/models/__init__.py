"""Accounts and what the portal mirrors of them.

A mirrored fact belongs to an Account and is found by (account, remote id), however many
connections reach the account. A Connection is a credential with an owner.
"""

from boomi.models.accounts import (
    Account,
    AccountGrant,
    AccountGroup,
    Connection,
    ConnectionState,
)
from boomi.models.activity import PlatformAuditEntry, PlatformEvent
from boomi.models.calls import ApiCall, CallCount, Circuit, LimiterState
from boomi.models.components import (
    Component,
    ComponentDocument,
    ComponentReference,
    ComponentVersion,
    Folder,
    PackagedComponent,
)
from boomi.models.executions import (
    Execution,
    ExecutionConnector,
    ExecutionOutcome,
    ExecutionSummary,
    ExecutionTally,
    LogState,
)
from boomi.models.landscape import Deployment, Environment, ProcessSchedule, Runtime
from boomi.models.logs import LogFile
from boomi.models.sync import CompletenessCheck, SyncMark

__all__ = [
    "Account",
    "AccountGrant",
    "AccountGroup",
    "ApiCall",
    "CallCount",
    "Circuit",
    "CompletenessCheck",
    "Component",
    "ComponentDocument",
    "ComponentReference",
    "ComponentVersion",
    "Connection",
    "ConnectionState",
    "Deployment",
    "Environment",
    "Execution",
    "ExecutionConnector",
    "ExecutionOutcome",
    "ExecutionSummary",
    "ExecutionTally",
    "Folder",
    "LimiterState",
    "LogFile",
    "LogState",
    "PackagedComponent",
    "PlatformAuditEntry",
    "PlatformEvent",
    "ProcessSchedule",
    "Runtime",
    "SyncMark",
]
