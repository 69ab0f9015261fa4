"""Fields of the forms of automations: real choices, narrowed to what the person sees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from boomi.models import Account, Component, Deployment, Execution
from common.access import ALLOWED, Verdict, needs, visible
from common.actors import Actor
from common.logs import MASK
from common.roles import Role
from scheduling.kinds import Parameters, ParametersForm

RECENT = 2000
MOST_PROCESSES = 5000
MOST_PROPERTIES = 50
PROPERTY_NAME = re.compile(r"[^\s=][^=\r\n]{0,199}")


class ProcessField(forms.ChoiceField):
    """A process by its platform id; "" means all of them."""

    actor: Actor

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "help_text": "Empty: all processes.", **kwargs})

    def narrow(self, actor: Actor, *, deployed: bool = False) -> None:
        """Offer what the actor sees, or only what is deployed somewhere."""
        self.actor = actor
        offered = deployed_choices(actor) if deployed else process_choices(actor)
        self.choices = [("", "Choose one" if deployed else "All processes"), *offered]

    def valid_value(self, value: Any) -> bool:
        """Also one that is not offered any more, as long as something of it is mirrored."""
        if super().valid_value(value):
            return True
        executions = visible(self.actor, Execution.objects.filter(process_id=str(value)))
        return executions.exists()


class PropertiesField(forms.CharField):
    """Lines of name=value on a page, an object in the API; stored as an object."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            pairs = [(str(name), str(text)) for name, text in value.items()]
        else:
            lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
            pairs = [_pair(line) for line in lines]
        names = [name for name, _ in pairs]
        wrong = [name for name in names if not PROPERTY_NAME.fullmatch(name)]
        if wrong or len(set(names)) < len(names) or len(names) > MOST_PROPERTIES:
            raise ValidationError(
                f"Give each property once, on a line name=value, at most {MOST_PROPERTIES}."
            )
        if any(MASK in text for _, text in pairs):
            raise ValidationError(f"{MASK} stands for a value that is not shown: give the value.")
        return dict(pairs) or ""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return "\n".join(f"{name}={text}" for name, text in value.items())
        return value

    def run_validators(self, value: Any) -> None:
        """The validators of a text do not fit an object; `to_python` has looked at it."""


def _pair(line: str) -> tuple[str, str]:
    name, sign, text = line.partition("=")
    if not sign:
        raise ValidationError(f"{line!r} is no line of the form name=value.")
    return name.strip(), text.strip()


class AccountForm(ParametersForm):
    """Base of the forms about one account."""

    account = forms.ModelChoiceField(queryset=Account.objects.none(), empty_label="Choose one")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = self.fields["account"]
        assert isinstance(account, forms.ModelChoiceField)
        account.queryset = visible(self.actor, Account.objects.all())
        process = self.fields.get("process")
        if isinstance(process, ProcessField):
            process.narrow(self.actor)


def process_choices(actor: Actor) -> list[tuple[str, str]]:
    """(id, name) of the processes that are mirrored or ran lately, by name."""
    components = visible(actor, Component.objects.filter(type="process", deleted=False).order_by())
    found = dict(components.values_list("component_id", "name")[:MOST_PROCESSES])
    recent = visible(actor, Execution.objects.exclude(process_id="")).order_by("-pk")
    for process_id, name in recent.values_list("process_id", "process_name")[:RECENT]:
        found.setdefault(process_id, name or process_id)
    return sorted(found.items(), key=lambda pair: (pair[1].lower(), pair[0]))


def deployed_choices(actor: Actor) -> list[tuple[str, str]]:
    """(id, name) of the processes that are deployed somewhere now, by name."""
    names = dict(process_choices(actor))
    rows = Deployment.objects.filter(active=True, component_type__in=["process", ""])
    ids = set(visible(actor, rows.order_by()).values_list("component_id", flat=True))
    found = [(process_id, names.get(process_id, process_id)) for process_id in ids]
    return sorted(found, key=lambda pair: (pair[1].lower(), pair[0]))


def may_work_on(actor: Actor, parameters: Parameters) -> Verdict:
    """An Operator may let work be done on an account they see."""
    verdict = needs(actor, Role.OPERATOR)
    if not verdict:
        return verdict
    account = Account.objects.filter(pk=parameters.get("account") or 0)
    if not account.exists():
        return Verdict(False, "The account was deleted.")
    return ALLOWED if visible(actor, account).exists() else Verdict(False, NOT_SHARED)


NOT_SHARED = "This account is not shared with you."
