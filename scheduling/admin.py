"""Admin of background work: everything to look at, two buttons, nothing to edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django_q.models import Failure, OrmQ, Schedule, Success

from common.actors import Actor
from common.model_admin import ObjectAction, ReadOnlyAdmin, pretty_json
from scheduling import admin_automations, admin_notifications, jobs, kinds, services
from scheduling.models import Heartbeat, JobRecordError, JobRun, JobStatus

__all__ = ["admin_automations", "admin_notifications"]

LOG_LINES = 200
# The stubs have it generic, Django itself has not.
if TYPE_CHECKING:
    InlineBase = admin.TabularInline[JobRecordError, JobRun]
else:
    InlineBase = admin.TabularInline

# The queue's own tables are not the truth about jobs.
for model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


def cancel(actor: Actor, run: JobRun, data: Mapping[str, Any]) -> str:
    services.cancel(run, actor=actor)
    if run.is_final:
        return f"{run} is cancelled."
    return f"{run} will stop at its next step."


def retry(actor: Actor, run: JobRun, data: Mapping[str, Any]) -> str:
    again = services.retry(run, actor=actor)
    return f"Job {again.pk} does the same work again."


def may_repeat(run: JobRun) -> bool:
    return run.is_final and run.status != JobStatus.SUCCEEDED


class JobFilter(admin.SimpleListFilter):
    """The registered jobs, instead of every name found by reading the whole table."""

    title = "job"
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, jobs.find(name).title) for name in jobs.names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobRun]) -> QuerySet[JobRun]:
        return queryset.filter(job=self.value()) if self.value() else queryset


class RecordErrorInline(InlineBase):
    """Why single records failed; who sees the run sees them."""

    model = JobRecordError
    extra = 0
    fields = readonly_fields = ("record", "message", "url")
    verbose_name_plural = "records that failed"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return Actor.of(request, "admin").is_admin

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "title", "status", "phase", "percent", "actor_text", "created_at", "finished_at",
    )  # fmt: skip
    list_display_links = ("id", "title")
    list_filter = ("status", "queue", JobFilter, ("created_at", admin.DateFieldListFilter))
    search_fields = ("title", "actor_text", "=request_id", "=key")
    ordering = ("-id",)
    portal_page = "job"
    fieldsets = (
        (None, {"fields": (
            "title", "status", "phase", "percent", "detail", "summary",
            "error_code", "error_message", "error_hint",
        )}),
        ("Who and when", {"fields": (
            "actor_text", "trigger", "begun_by", "request_id", "audience", "created_at", "run_at",
            "started_at", "finished_at", "cancel_asked_at", "repeats",
        )}),
        ("How", {"fields": (
            "job", "queue", "key", "worker", "lease_until", "fence", "attempts", "tries",
            "slices", "records_done", "records_failed", "given", "position", "left_behind",
        )}),
        ("What it said", {"fields": ("log", "fault")}),
    )  # fmt: skip
    inlines = (RecordErrorInline,)
    object_actions = (
        ObjectAction(
            "cancel", "Cancel job", "scheduling.job.cancel", cancel, forms.Form, danger=True,
            explanation="A waiting job ends at once, a running one at its next step.",
            shown=lambda run: not run.is_final,
        ),
        ObjectAction(
            "retry", "Retry job", "scheduling.job.retry", retry, forms.Form,
            explanation="The same work begins anew as a job of its own, in your name.",
            shown=may_repeat,
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobRun]:
        queryset: QuerySet[JobRun] = super().get_queryset(request)
        return queryset.select_related("retry_of", "automation")

    @admin.display(description="repeats")
    def repeats(self, run: JobRun) -> str:
        if run.retry_of is None:
            return "-"
        url = reverse("admin:scheduling_jobrun_change", args=[run.retry_of_id])
        return format_html('<a href="{}">{}</a>', url, run.retry_of)

    @admin.display(description="automation")
    def begun_by(self, run: JobRun) -> str:
        if run.automation is None:
            return "-"
        url = reverse("admin:scheduling_automation_change", args=[run.automation_id])
        return format_html('<a href="{}">{}</a>', url, run.automation)

    @admin.display(description="parameters")
    def given(self, run: JobRun) -> str:
        return pretty_json(kinds.public_of_job(run.job, run.params))

    @admin.display(description="cursor")
    def position(self, run: JobRun) -> str:
        return pretty_json(run.cursor)

    @admin.display(description="result")
    def left_behind(self, run: JobRun) -> str:
        return pretty_json(run.result)

    @admin.display(description="traceback")
    def fault(self, run: JobRun) -> str:
        return format_html("<pre>{}</pre>", run.traceback) if run.traceback else "-"

    @admin.display(description="log")
    def log(self, run: JobRun) -> str:
        newest = list(run.log_lines.order_by("-pk")[:LOG_LINES])
        if not newest:
            return "-"
        lines = ((f"{x.at:%Y-%m-%d %H:%M:%S}", x.level, x.text) for x in reversed(newest))
        return format_html("<pre>{}</pre>", format_html_join("\n", "{} {} {}", lines))


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at", "asked_at", "detail")
    ordering = ("name",)
    fields = list_display
