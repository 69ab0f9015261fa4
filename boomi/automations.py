"""What automations can do with the mirror: sync, capture logs, refresh components, run a
process, prune."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import get_text_list

from boomi import automation_previews as previews
from boomi.access import audience_of
from boomi.automation_forms import (
    NOT_SHARED,
    AccountForm,
    ProcessField,
    PropertiesField,
    may_work_on,
)
from boomi.automation_names import Names, alone, together
from boomi.models import Account, Runtime
from boomi.services import captures, document_refreshes, process_runs, retention, sync
from common import access
from common.access import Verdict, may, needs, visible
from common.actors import Actor
from common.errors import Conflict
from common.logs import MASK
from common.roles import Role
from scheduling import kinds
from scheduling.kinds import Parameters, ParametersForm

__all__ = ["may_prune", "may_run_process", "may_work_on"]

SYNC = "boomi.sync_account"
CAPTURE = "boomi.capture_logs"
REFRESH = "boomi.refresh_components"
RUN = "boomi.run_process"
PRUNE = "boomi.prune"


@access.rule("boomi.process.run")
def may_run(actor: Actor, account: Account) -> Verdict:
    """Running a process changes what it works on, so seeing the account is not enough."""
    if not visible(actor, Account.objects.filter(pk=account.pk)).exists():
        return Verdict(False, NOT_SHARED)
    return needs(actor, Role.OPERATOR)


def may_run_process(actor: Actor, parameters: Parameters) -> Verdict:
    account = Account.objects.filter(pk=parameters.get("account") or 0).first()
    if account is None:
        return Verdict(False, "The account was deleted.")
    return may(actor, "boomi.process.run", account)


def may_prune(actor: Actor, parameters: Parameters) -> Verdict:
    """What is deleted belongs to every account."""
    return needs(actor, Role.ADMIN)


def _of_account(parameters: Parameters) -> str:
    return audience_of(int(parameters["account"]))


class SyncForm(AccountForm):
    kinds = forms.MultipleChoiceField(
        required=False, label="Facts", help_text="None chosen: all of them.",
        choices=[(kind, kind.label) for kind in sync.Kind if kind in sync.PASSES],
    )  # fmt: skip


class CaptureForm(AccountForm):
    process = ProcessField()
    only_errors = forms.BooleanField(required=False, label="Only failed runs")
    older_than_days = forms.IntegerField(
        required=False, min_value=0, max_value=29, label="Only runs older than",
        help_text="Days. The platform forgets a log after 30 days, some runtimes sooner.",
    )  # fmt: skip
    limit = forms.IntegerField(
        min_value=1, max_value=1000, initial=captures.DEFAULT_LIMIT, required=False,
        label="At most", help_text="Logs at a time, the oldest first.",
    )  # fmt: skip


class RefreshForm(AccountForm):
    limit = forms.IntegerField(
        min_value=1, max_value=10_000, initial=document_refreshes.DEFAULT_LIMIT, required=False,
        label="At most", help_text="Documents at a time; five are one call.",
    )  # fmt: skip


class RunForm(AccountForm):
    process = ProcessField(required=True, help_text="It has to be deployed where it shall run.")
    runtime = forms.ModelChoiceField(queryset=Runtime.objects.none(), empty_label="Choose one")
    properties = PropertiesField(
        required=False, label="Dynamic process properties",
        help_text="A line name=value for each. The values are shown to those only who may change "
        "this automation; Boomi itself shows them to whoever sees the run.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        runtime, process = self.fields["runtime"], self.fields["process"]
        assert isinstance(runtime, forms.ModelChoiceField)
        assert isinstance(process, ProcessField)
        seen = visible(self.actor, Runtime.objects.filter(gone_at=None))
        runtime.queryset = seen.exclude(environments=None).select_related("account").distinct()
        process.narrow(self.actor, deployed=True)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        account, runtime = values.get("account"), values.get("runtime")
        process = values.get("process")
        if not (account and runtime and process):
            return values
        if runtime.account_id != account.pk:
            self.add_error("runtime", "This runtime belongs to another account.")
            return values
        try:
            process_runs.check_deployed(account, process, runtime)
        except Conflict as error:
            self.add_error("process", error.message)
        return values


class PruneForm(ParametersForm):
    kinds = forms.MultipleChoiceField(
        required=False, label="What", help_text="None chosen: everything that is too old.",
        choices=[(rule.kind, rule.label.capitalize()) for rule in retention.RULES],
    )  # fmt: skip


def describe_sync(parameters: Parameters, names: Names) -> str:
    chosen = parameters.get("kinds") or []
    known = {str(kind): kind.label.lower() for kind in sync.Kind}
    labels = get_text_list([known.get(kind, kind) for kind in chosen], "and")
    return f"Mirror {labels or 'everything'} of {names.account(parameters)}"


def describe_capture(parameters: Parameters, names: Names) -> str:
    choice = captures.Choice.of(parameters)
    what = "failed runs" if choice.only_errors else "runs"
    text = f"Fetch the missing logs of {what} of {names.process(parameters) or 'all processes'}"
    text += f" in {names.account(parameters)}"
    if choice.older_than_days:
        text += f" that are older than {choice.older_than_days} days"
    return f"{text}, at most {choice.limit} at a time"


def describe_refresh(parameters: Parameters, names: Names) -> str:
    limit = parameters.get("limit") or document_refreshes.DEFAULT_LIMIT
    where = names.account(parameters)
    return f"Fetch the component documents of {where} that are due, at most {limit} at a time"


def describe_run(parameters: Parameters, names: Names) -> str:
    text = f"Run {names.process(parameters)} on {names.runtime(parameters)}"
    text += f" in {names.account(parameters)}"
    given = sorted(parameters.get("properties") or {})
    return f"{text} with {', '.join(given)}" if given else text


def without_values(parameters: Parameters) -> dict[str, Any]:
    """A property may hold a credential whatever it is called, so only the names are told."""
    properties = dict.fromkeys(parameters.get("properties") or {}, MASK)
    return {**parameters, **({"properties": properties} if properties else {})}


def describe_prune(parameters: Parameters) -> str:
    labels = {rule.kind: rule.label for rule in retention.RULES}
    chosen = ", ".join(labels.get(kind, kind) for kind in parameters.get("kinds") or [])
    return f"Delete {chosen or 'everything'} older than it is kept"


kinds.register(
    kinds.Kind(
        name="boomi.sync", title="Sync", job=SYNC, form=SyncForm, icon="refresh-cw",
        summary="Mirrors chosen facts of an account, beside the sync the portal does by itself.",
        describe=alone(describe_sync), describe_all=together(describe_sync),
        preview=previews.of_sync, may_use=may_work_on,
        audience=_of_account, events=("boomi.deployment.new",),
    )
)  # fmt: skip
kinds.register(
    kinds.Kind(
        name="boomi.capture_logs", title="Capture logs", job=CAPTURE, form=CaptureForm,
        summary="Fetches process logs before the platform forgets them.", icon="archive",
        describe=alone(describe_capture), describe_all=together(describe_capture),
        preview=previews.of_capture, may_use=may_work_on,
        audience=_of_account,
    )
)  # fmt: skip
kinds.register(
    kinds.Kind(
        name="boomi.refresh_components", title="Refresh components", job=REFRESH,
        summary="Fetches component documents that are old or were never read.", icon="boxes",
        form=RefreshForm,
        describe=alone(describe_refresh), describe_all=together(describe_refresh),
        preview=previews.of_refresh,
        may_use=may_work_on, audience=_of_account,
    )
)  # fmt: skip
kinds.register(
    kinds.Kind(
        name="boomi.run_process", title="Run a process", job=RUN, form=RunForm, icon="play",
        summary="Runs a deployed process on a runtime and watches it to its end.",
        describe=alone(describe_run), describe_all=together(describe_run),
        preview=previews.of_process_run, may_use=may_run_process,
        audience=_of_account, public=without_values,
    )
)  # fmt: skip
kinds.register(
    kinds.Kind(
        name="boomi.prune", title="Prune", job=PRUNE, form=PruneForm, icon="trash-2",
        summary="Deletes what is older than the portal keeps it. For Admins.",
        describe=describe_prune, preview=previews.of_prune, may_use=may_prune,
    )
)  # fmt: skip
