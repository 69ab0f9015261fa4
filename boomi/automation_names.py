"""What the parameters of automations mean: the names behind their keys, for many at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from boomi.models import Account, Component, Execution, Runtime
from scheduling.kinds import Parameters

Pair = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Names:
    """Accounts and runtimes by key, processes by account and id; what is gone is not there."""

    accounts: Mapping[int, str]
    processes: Mapping[Pair, str]
    runtimes: Mapping[int, str]

    @classmethod
    def of(cls, many: Sequence[Parameters]) -> Names:
        """Those that `many` speak of: four queries at most."""
        accounts = Account.objects.in_bulk({_key(each, "account") for each in many})
        runtimes = Runtime.objects.in_bulk({_key(each, "runtime") for each in many} - {0})
        return cls(
            {pk: str(account) for pk, account in accounts.items()},
            _processes({_pair(each) for each in many if each.get("process")}),
            {pk: str(runtime) for pk, runtime in runtimes.items()},
        )

    def account(self, parameters: Parameters) -> str:
        return self.accounts.get(_key(parameters, "account"), "a deleted account")

    def process(self, parameters: Parameters) -> str:
        """The name, or the id where none is mirrored; "" for all processes."""
        pair = _pair(parameters)
        return self.processes.get(pair) or pair[1]

    def runtime(self, parameters: Parameters) -> str:
        return self.runtimes.get(_key(parameters, "runtime"), "a deleted runtime")


Say = Callable[[Parameters, Names], str]


def alone(say: Say) -> Callable[[Parameters], str]:
    """`Kind.describe` made of a function that is given the names."""
    return lambda parameters: say(parameters, Names.of([parameters]))


def together(say: Say) -> Callable[[Sequence[Parameters]], list[str]]:
    """`Kind.describe_all` made of the same function."""

    def say_all(many: Sequence[Parameters]) -> list[str]:
        names = Names.of(many)
        return [say(parameters, names) for parameters in many]

    return say_all


def process_name(parameters: Parameters) -> str:
    """The process of the parameters in words; "" for all of them."""
    return Names.of([parameters]).process(parameters)


def _key(parameters: Parameters, name: str) -> int:
    return int(parameters.get(name) or 0)


def _pair(parameters: Parameters) -> Pair:
    return _key(parameters, "account"), str(parameters.get("process") or "")


def _processes(pairs: set[Pair]) -> dict[Pair, str]:
    """By their components, else by the newest run of each."""
    if not pairs:
        return {}
    rows = Component.objects.filter(
        account__in={account for account, _ in pairs},
        component_id__in={process_id for _, process_id in pairs},
    ).order_by()
    found: dict[Pair, str] = {
        (account, process_id): name
        for account, process_id, name in rows.values_list("account_id", "component_id", "name")
        if (account, process_id) in pairs
    }
    return {**_by_runs(sorted(pairs - set(found))), **found}


def _by_runs(pairs: Sequence[Pair]) -> dict[Pair, str]:
    """One look into an index for each process, all of them in one query."""
    if not pairs:
        return {}
    ids = sorted({process_id for _, process_id in pairs})
    newest = {
        f"process_{number}": Subquery(
            Execution.objects.filter(account=OuterRef("pk"), process_id=process_id)
            .order_by("-started_at")
            .values("process_name")[:1]
        )
        for number, process_id in enumerate(ids)
    }
    accounts = Account.objects.filter(pk__in={account for account, _ in pairs}).order_by()
    return {
        (row["pk"], process_id): row[f"process_{number}"] or ""
        for row in accounts.annotate(**newest).values("pk", *newest)
        for number, process_id in enumerate(ids)
    }
