"""Invented values for the style guide; nothing here is read from the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sin
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone

from common import badges

OUTCOMES = ("success", "success", "success", "error", "success", "cancelled", "success")
PROCESSES = (
    ("Orders to billing", "Sales / Billing"),
    ("Customer master sync", "CRM"),
    ("Nightly stock levels with a very long name that nobody wanted to shorten", "Warehouse"),
    ("Invoice archive", "Finance / Archive"),
    ("Shipment notices", "Logistics"),
)


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    time: str
    level: str
    step: str
    text: str
    is_fault: bool = False
    is_continuation: bool = False


class FilterForm(forms.Form):
    q = forms.CharField(label="Process", required=False)
    outcome = forms.ChoiceField(
        choices=[("", "Any"), ("error", "Error"), ("success", "Success")], required=False
    )
    account = forms.ChoiceField(choices=[("", "All"), ("1", "Northwind")], required=False)


class SampleForm(forms.Form):
    name = forms.CharField(help_text="How people here call this connection.")
    username = forms.EmailField(label="User name")
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    enabled = forms.BooleanField(required=False, help_text="A disabled connection is not synced.")


def context(request: HttpRequest) -> dict[str, object]:
    now = timezone.now()
    form = SampleForm({"name": "Northwind", "username": "not an address"})
    filters = FilterForm(request.GET or {"outcome": "error"})
    return {
        "tones": ("neutral", "active", "good", "warn", "bad"),
        "steps": range(1, 13),
        "kinds": _kinds(),
        "runs": _runs(now),
        "strip": _runs(now, 40)[::-1],
        "page": Paginator(range(1204), 50).get_page(request.GET.get("page", 3)),
        "filters": filters,
        "form": form,
        "histogram": _histogram(),
        "trend": [40 + 20 * sin(index / 3) + index for index in range(30)],
        "facts": [
            ("Account", "Northwind production"),
            ("Runtime", "northwind-prod-01"),
            ("Started", "2026-05-04 09:12:44"),
            ("Documents", "1,204 in, 1,198 out"),
        ],
        "tabs": [
            {"label": "Summary", "url": "#tabs", "active": True, "count": None},
            {"label": "Shapes", "url": "#tabs", "active": False, "count": 48},
            {"label": "Warnings", "url": "#tabs", "active": False, "count": 3},
            {"label": "Log", "url": "#tabs", "active": False, "count": None},
        ],
        "lines": _lines(),
        "job": SimpleNamespace(
            title="Analyse the log of Orders to billing", status="running", phase="downloading",
            percent=62, detail="18.4 MB of 29.7 MB",
        ),
        "failed_job": SimpleNamespace(
            title="Sync Northwind", status="failed", phase="waiting", percent=20,
            detail="The platform refused the credential.",
        ),
        "an_hour_ago": now - timedelta(minutes=72),
        "soon": now + timedelta(minutes=14),
        "remote_id": "execution-a81f02c4-6d1e-4f0b-9c3e-5a0d77e49bd1-2026.05.04",
    }  # fmt: skip


def _kinds() -> list[dict[str, object]]:
    return [
        {"name": name, "statuses": list(kind.table)}
        for name, kind in sorted(badges.kinds().items())
    ]


def _runs(now: datetime, count: int = 6) -> list[SimpleNamespace]:
    rows = []
    for index in range(count):
        name, folder = PROCESSES[index % len(PROCESSES)]
        rows.append(
            SimpleNamespace(
                outcome=OUTCOMES[(index * 3) % len(OUTCOMES)],
                process_name=name,
                folder=folder,
                started_at=now - timedelta(minutes=7 * index * index + 1),
                duration_ms=900 + (index * 7919) % 61_000,
                documents=(index * 1543) % 4000,
                errors=index % 3,
                execution_id=f"execution-{index:04x}a81f-6d1e-4f0b-9c3e-5a0d77e49bd{index}",
                url="#tables",
            )
        )
    return rows


def _histogram() -> dict[str, object]:
    records = [int(60 + 50 * sin(index / 9) + (index * 37) % 23) for index in range(120)]
    errors = [3 if index in {71, 72} else int(index == 96) for index in range(120)]
    return {
        "bucket_seconds": 10,
        "start": "2026-05-04T09:12:00Z",
        "records": records,
        "errors": errors,
    }


def _lines() -> list[Line]:
    first, failed = "2026-05-04T09:12:4", "2026-05-04T09:12:51Z"
    return [
        Line(410, f"{first}4Z", "INFO", "Map orders", "Shape executed successfully in 214 ms."),
        Line(411, f"{first}5Z", "INFO", "Post order", "Executing Connector Shape with 1 document."),
        Line(412, f"{first}9Z", "WARNING", "Post order", "Attempt 1 failed, trying again in 2 s."),
        Line(413, failed, "SEVERE", "Post order",
             "HTTP 401 Unauthorized from https://crm.northwind.example/orders", is_fault=True),
        Line(414, failed, "SEVERE", "Post order", "   at connector.http.send(Sender:112)",
             is_fault=True, is_continuation=True),
        Line(415, failed, "INFO", "Try/Catch", "Executing the catch path."),
        Line(416, failed, "INFO", "Stop", "Shape executed successfully in 1 ms."),
    ]  # fmt: skip
