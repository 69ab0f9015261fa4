"""Template vocabulary of the portal; loaded everywhere as a builtin.

Small pieces are written here as HTML; everything with structure has a template in
templates/parts. /styleguide/ shows each of them with sample values.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django import template
from django.core.paginator import Page
from django.forms import BoundField, Form
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from common import badges, charts, formats
from common.addresses import with_changes

register = template.Library()

ICONS = "vendor/lucide-1.62.0/icons.svg"
TONE_ICONS = {
    "neutral": "info",
    "active": "info",
    "good": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
}
MESSAGE_TONES = {"success": "good", "warning": "warn", "error": "bad"}
DASH = mark_safe('<span class="muted">–</span>')


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """An icon of the sprite: decoration, unless `label` gives it a voice of its own."""
    voice = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon icon-{}" width="{}" height="{}" {}><use href="{}#{}"></use></svg>',
        size, size, size, voice, static(ICONS), name,
    )  # fmt: skip


# --- States and words -------------------------------------------------------------------


@register.simple_tag
def status_pill(status: object, kind: str) -> SafeString:
    """Icon, word and tone of a status; `status` is the value or the row that carries it."""
    entry = badges.badge(kind, status)
    return format_html(
        '<span class="pill tone-{}" title="{}">{}{}</span>',
        entry.tone, entry.sentence, icon(entry.icon, 14), entry.word,
    )  # fmt: skip


@register.simple_tag
def status_badge(status: object, kind: str) -> badges.Badge:
    """The Badge itself, for templates that lay it out differently: `as b`."""
    return badges.badge(kind, status)


@register.simple_tag
def reltime(moment: datetime | None, empty: str = "never") -> SafeString:
    """ "12 min ago" with the viewer's and the UTC time on hover; kept fresh by time.js."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', empty)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}" data-relative>{}</time>',
        moment.isoformat(), _both_zones(moment), formats.relative(moment, timezone.now()),
    )  # fmt: skip


@register.simple_tag
def abstime(moment: datetime | None, empty: str = "–") -> SafeString:
    """The moment itself in the viewer's zone, UTC on hover."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', empty)
    return format_html(
        '<time class="nowrap num" datetime="{}" title="{}">{}</time>',
        moment.isoformat(), _both_zones(moment), f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}",
    )  # fmt: skip


@register.simple_tag
def duration(milliseconds: float | None) -> SafeString:
    """Milliseconds as "3.1 s" or "57 min 02 s"; a dash when unknown."""
    if milliseconds is None:
        return DASH
    return format_html('<span class="nowrap num">{}</span>', formats.duration(int(milliseconds)))


@register.filter(name="duration")
def duration_text(milliseconds: float | None) -> str:
    """The same as plain text, for titles and attributes."""
    return "–" if milliseconds is None else formats.duration(int(milliseconds))


@register.filter
def span(delta: timedelta) -> str:
    """A length of time such as a lock-out, without empty small units: "15 min"."""
    text = formats.duration(int(delta.total_seconds() * 1000))
    return text.removesuffix(" 00 s").removesuffix(" 00 min")


@register.filter
def number(value: float | None) -> str:
    return formats.number(value) if isinstance(value, int | float) else "–"


@register.filter
def percent(share: float | None, decimals: int = 1) -> str:
    """A fraction such as 0.0413 as "4.1 %"."""
    return "–" if share is None else f"{share * 100:.{decimals}f}\u202f%"


@register.filter
def size(count: int | Literal[""] | None) -> str:
    return "–" if count is None or count == "" else formats.size(count)


@register.filter
def tone(level: object) -> str:
    """The tone of a log level, for line colours."""
    return badges.badge("level", str(level or "").upper()).tone


@register.inclusion_tag("parts/short_id.html")
def short_id(value: object, keep: int = 8) -> dict[str, str]:
    """An id cut in the middle, whole on hover, with a copy button."""
    text = str(value or "")
    return {"value": text, "short": formats.short_id(text, keep)}


@register.inclusion_tag("parts/copy_button.html")
def copy_button(value: object, label: str = "Copy") -> dict[str, str]:
    return {"value": str(value), "label": label}


# --- Blocks -----------------------------------------------------------------------------


@register.inclusion_tag("parts/stat_tile.html")
def stat_tile(
    label: str,
    value: object,
    unit: str = "",
    note: str = "",
    url: str = "",
    tone: str = "",
    icon: str = "",
) -> dict[str, object]:
    """A number with its name. `note` is the change or the context; a tone only for trouble."""
    shown = formats.number(value) if isinstance(value, int | float) else value
    return {
        "label": label, "value": shown, "unit": unit, "note": note, "url": url,
        "tone": tone, "icon": icon or (TONE_ICONS[tone] if tone else ""),
    }  # fmt: skip


@register.inclusion_tag("parts/callout.html")
def callout(
    tone: str,
    title: str,
    text: str = "",
    hint: str = "",
    action_url: str = "",
    action_label: str = "",
) -> dict[str, str]:
    """What happened and the way out. `tone` is one of the five."""
    return {
        "tone": tone, "icon": TONE_ICONS[tone], "title": title, "text": text, "hint": hint,
        "action_url": action_url, "action_label": action_label,
    }  # fmt: skip


@register.inclusion_tag("parts/empty_state.html")
def empty_state(
    title: str,
    text: str = "",
    action_url: str = "",
    action_label: str = "",
    icon: str = "inbox",
) -> dict[str, str]:
    """What an empty list says: why it is empty and what to do next."""
    return {
        "title": title, "text": text, "action_url": action_url, "action_label": action_label,
        "icon": icon,
    }  # fmt: skip


@register.inclusion_tag("parts/messages.html", takes_context=True)
def page_messages(context: template.Context) -> dict[str, object]:
    """Messages of the last action as callouts."""
    rows = []
    for message in context.get("messages") or ():
        tone = MESSAGE_TONES.get(message.level_tag, "active")
        rows.append({"text": str(message), "tone": tone, "icon": TONE_ICONS[tone]})
    return {"rows": rows}


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, object]:
    """Label, control, help and errors of a form field, tied together for screen readers."""
    kind = getattr(bound.field.widget, "input_type", "")
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    extra: dict[str, str | bool] = {"aria-invalid": "true"} if bound.errors else {}
    if described:
        extra["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "control": bound.as_widget(attrs=extra),
        "check": kind in {"checkbox"},
        "wide": wide,
    }


@register.inclusion_tag("parts/form_errors.html")
def form_errors(form: Form) -> dict[str, object]:
    """What is wrong with the form as a whole, above its fields."""
    return {"errors": form.non_field_errors()}


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, id: str, title: str, side: bool = False) -> SafeString:
    """A native dialog around the block; a button with data-dialog="<id>" opens it.

    `side` makes it a panel at the right edge. Without scripts the block stays out of sight,
    so the button must also lead to a page that does the same.
    """
    return render_to_string(
        "parts/dialog.html", {"id": id, "title": title, "side": side, "content": content}
    )


# --- Lists ------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def query_set(context: template.Context, **changes: object) -> str:
    """The current query string with `changes`; a value of None or "" drops the key.

    Changing anything but the page drops the page, which would point elsewhere.
    """
    return with_changes(context["request"], changes)


@register.inclusion_tag("parts/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any], noun: str = "rows") -> dict[str, object]:
    """Range, total and neighbours of a Page; keeps every filter of the address."""
    paginator = page.paginator
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        {"number": n, "url": with_changes(context["request"], {"page": n}) if n != "…" else ""}
        for n in numbers
    ]
    return {
        "page": page, "links": links, "noun": noun, "total": paginator.count,
        "previous": _page_link(context, page, -1), "next": _page_link(context, page, 1),
    }  # fmt: skip


@register.inclusion_tag("parts/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context, key: str, label: str, align: str = "", param: str = "sort"
) -> dict[str, object]:
    """A column head that sorts by `key`; a second click turns the order round."""
    request = context["request"]
    current = request.GET.get(param, "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    turned = f"-{key}" if direction == "ascending" else key
    return {
        "label": label, "align": align, "direction": direction,
        "url": with_changes(request, {param: turned}),
    }  # fmt: skip


@register.simple_tag
def counted(noun: str, count: int) -> str:
    """The plural noun as it reads behind the number: "1 delivery", "2 deliveries"."""
    if count != 1:
        return noun
    for ending, single in (("ies", "y"), ("lyses", "lysis"), ("s", "")):
        if noun.endswith(ending):
            return noun.removesuffix(ending) + single
    return noun


@register.inclusion_tag("parts/filter_bar.html", takes_context=True)
def filter_bar(
    context: template.Context,
    form: Form,
    count: int | None = None,
    noun: str = "results",
    wide: str = "q",
) -> dict[str, object]:
    """A GET form with a chip for each filter in force and the number of results."""
    request = context["request"]
    chips = [
        {
            "label": bound.label,
            "value": _chosen(bound),
            "url": with_changes(request, {bound.name: ""}),
        }
        for bound in form.visible_fields()
        if any(request.GET.getlist(bound.html_name))
    ]
    kept = [(key, request.GET[key]) for key in ("sort", "view") if request.GET.get(key)]
    return {
        "form": form, "chips": chips, "count": count, "noun": noun, "wide": wide,
        "clear_url": request.path, "kept": kept,
    }  # fmt: skip


# --- Progress and charts ----------------------------------------------------------------


@register.inclusion_tag("parts/stepper.html")
def stepper(steps: str, current: str, state: str = "") -> dict[str, object]:
    """Named steps in a line. `state` is "failed" or "done" for the current one."""
    names = [part.strip() for part in steps.split(",")]
    place = names.index(current) if current in names else -1
    rows = [{"word": _sentence_case(name), **_step(index, place, state)}
            for index, name in enumerate(names)]  # fmt: skip
    return {"steps": rows}


@register.inclusion_tag("parts/progress.html")
def progress(run: Any, phases: str = "") -> dict[str, object]:
    """How far a JobRun has come; `phases` names all of them, comma-separated."""
    over = {"succeeded": "done", "failed": "failed", "errored": "failed", "lost": "failed"}
    return {
        "run": run,
        "phases": phases,
        "phase": _sentence_case(run.phase or ""),
        "state": over.get(run.status, ""),
    }


@register.inclusion_tag("parts/histogram.html")
def histogram(data: dict[str, object], title: str = "Records over time") -> dict[str, object]:
    """Records and errors per slice of time, with the numbers as a table below."""
    return {"chart": charts.histogram(data or {}), "title": title}


@register.inclusion_tag("parts/sparkline.html")
def sparkline(values: Sequence[float], label: str) -> dict[str, object]:
    """A small line without axes; `label` says in words what it shows."""
    drawn = charts.sparkline(list(values))
    return {"points": drawn[0] if drawn else "", "last": drawn and drawn[1], "label": label}


@register.inclusion_tag("parts/run_strip.html")
def run_strip(runs: Sequence[Any], label: str = "Last runs") -> dict[str, object]:
    """The last runs, oldest first: colour says the outcome, height the duration.

    A run has outcome, duration_ms, started_at and, when it can be opened, url.
    """
    bars = charts.strip([run.duration_ms for run in runs])
    rows = [
        {
            "bar": bar,
            "badge": badges.badge("outcome", run),
            "url": getattr(run, "url", ""),
            "title": _run_title(run),
        }
        for run, bar in zip(runs, bars, strict=True)
    ]
    return {"rows": rows, "width": max(len(rows) * 8 - 2, 1), "label": label}


# --- Small change -----------------------------------------------------------------------


def _both_zones(moment: datetime) -> str:
    local = timezone.localtime(moment)
    utc = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if local.utcoffset() == timedelta(0):
        return utc
    return f"{local:%Y-%m-%d %H:%M:%S %Z} · {utc}"


def _page_link(context: template.Context, page: Page[Any], step: int) -> str:
    there = page.has_next() if step > 0 else page.has_previous()
    return with_changes(context["request"], {"page": page.number + step}) if there else ""


def _chosen(bound: BoundField) -> str:
    """What a filter is set to, in the words of its choices."""
    value = bound.value()
    values = value if isinstance(value, list | tuple) else [value]
    words = {str(key): str(word) for key, word in getattr(bound.field, "choices", ())}
    return ", ".join(words.get(str(part), str(part)) for part in values if part not in (None, ""))


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:].replace("_", " ")


def _step(index: int, place: int, state: str) -> dict[str, str]:
    if index < place or (index == place and state == "done"):
        return {"kind": "done", "icon": "circle-check", "voice": "done"}
    if index == place:
        failed = state == "failed"
        return {
            "kind": "failed" if failed else "current",
            "icon": "circle-x" if failed else "circle-dot",
            "voice": "failed" if failed else "current",
        }
    return {"kind": "ahead", "icon": "circle", "voice": "to come"}


def _run_title(run: Any) -> str:
    word = badges.badge("outcome", run).word
    took = "" if run.duration_ms is None else f", {formats.duration(run.duration_ms)}"
    return f"{timezone.localtime(run.started_at):%d %b %H:%M} {word}{took}"
