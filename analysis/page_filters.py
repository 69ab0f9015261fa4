"""The filter of the analyses page."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from analysis.models import Analysis, AnalysisStatus
from common import badges

KINDS = (("execution", "Of an execution"), ("upload", "Uploaded"))
FINDINGS = (("errors", "With errors"), ("hidden", "Completed, with hidden errors"))
COMPLETED = "completed"


def _outcomes() -> list[tuple[str, str]]:
    return [(key, entry.word) for key, entry in badges.kinds()["analysis_outcome"].table.items()]


class AnalysisPageFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(method="named", label="Log or process")
    status = django_filters.ChoiceFilter(
        choices=AnalysisStatus.choices, label="State", empty_label="Any"
    )
    outcome = django_filters.ChoiceFilter(choices=_outcomes, label="Outcome", empty_label="Any")
    kind = django_filters.ChoiceFilter(
        choices=KINDS, method="of_kind", label="Log", empty_label="Any"
    )
    findings = django_filters.ChoiceFilter(
        choices=FINDINGS, method="with_findings", label="Findings", empty_label="Any"
    )
    mine = django_filters.ChoiceFilter(
        choices=(("1", "Me"),), method="begun_by_me", label="Begun by", empty_label="Anybody"
    )

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = ()

    def named(self, rows: QuerySet[Analysis], name: str, part: str) -> QuerySet[Analysis]:
        return rows.filter(Q(name__icontains=part) | Q(execution__process_name__icontains=part))

    def of_kind(self, rows: QuerySet[Analysis], name: str, kind: str) -> QuerySet[Analysis]:
        return rows.filter(execution__isnull=kind == "upload")

    def with_findings(self, rows: QuerySet[Analysis], name: str, what: str) -> QuerySet[Analysis]:
        """Hidden: the process ended without an error, but its log tells of some."""
        if what == "hidden":
            return rows.filter(outcome=COMPLETED, first_fault_line__isnull=False)
        return rows.filter(first_fault_line__isnull=False)

    def begun_by_me(self, rows: QuerySet[Analysis], name: str, value: str) -> QuerySet[Analysis]:
        return rows.filter(owner=self.request.user.pk)
