"""Admin of analyses, and the button that starts one from an execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analysis import services
from analysis.models import Analysis, AnalysisStatus
from boomi.models import Execution
from common.actors import Actor
from common.model_admin import ObjectAction, PortalModelAdmin, ReadOnlyAdmin, pretty_json


def is_upload(analysis: Analysis) -> bool:
    return analysis.execution_id is None


def restart(actor: Actor, analysis: Analysis, data: Mapping[str, Any]) -> str:
    run = services.restart(analysis, actor=actor)
    return f"Job {run.pk} reads {analysis} again."


def delete(actor: Actor, analysis: Analysis, data: Mapping[str, Any]) -> str:
    services.delete_upload(analysis, actor=actor)
    return f"{analysis} is deleted."


def fetch_and_analyse(actor: Actor, execution: Execution, data: Mapping[str, Any]) -> str:
    found = services.request_execution_analysis(execution, actor=actor)
    if isinstance(found, Analysis):
        return f"It is analysed already: {found.verdict}"
    return f"Job {found.pk} fetches the log and analyses it."


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    portal_page = "analysis"
    list_display = (
        "name", "status", "outcome", "severe_count", "warning_count", "owner", "engine_version",
        "created_at", "finished_at",
    )  # fmt: skip
    list_filter = (
        "status", ("execution", admin.EmptyFieldListFilter), "team",
        ("created_at", admin.DateFieldListFilter),
    )  # fmt: skip
    search_fields = ("name", "verdict", "=execution__execution_id", "owner__email")
    list_select_related = ("owner",)
    raw_id_fields = ("execution", "log_file")
    fieldsets = (
        (None, {"fields": (
            "name", "status", "verdict", "outcome", "first_fault_line", "first_fault_step",
            "first_fault_text", "severe_count", "warning_count", "error_code", "error_message",
            "error_hint",
        )}),
        ("Of what, by whom", {"fields": (
            "execution", "log_file", "owner", "team", "engine_version", "created_at",
            "finished_at",
        )}),
        ("Result", {"fields": ("figures",)}),
    )  # fmt: skip
    object_actions = (
        ObjectAction(
            "restart", "Read again", "analysis.analysis.restart", restart, forms.Form,
            explanation="The stored log is read again, in the background.",
            shown=lambda row: is_upload(row) and row.status != AnalysisStatus.DONE,
        ),
        ObjectAction(
            "delete", "Delete upload", "analysis.analysis.delete", delete, forms.Form,
            danger=True, explanation="Its log goes too, unless something else needs it.",
            shown=is_upload,
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        analyses: QuerySet[Analysis] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("_changelist")
        return analyses.defer("result") if is_list else analyses

    @admin.display(description="result")
    def figures(self, analysis: Analysis) -> str:
        return pretty_json(analysis.result)


# The floor below knows nothing of analyses; its change page gets the button from here.
execution_admin = cast(PortalModelAdmin, admin.site.get_model_admin(Execution))
execution_admin.object_actions = (  # type: ignore[misc]
    *execution_admin.object_actions,
    ObjectAction(
        "analyse", "Fetch and analyse", "boomi.execution.analyse", fetch_and_analyse, forms.Form,
        explanation="Fetches the process log from its runtime and analyses it, in the background.",
    ),
)  # fmt: skip
