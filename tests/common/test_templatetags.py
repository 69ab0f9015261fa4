"""The template vocabulary as page authors write it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone


def render(source: str, path: str = "/executions/", **values: object) -> str:
    request = RequestFactory().get(path)
    return Template(source).render(Context({"request": request, **values}))


class Filters(forms.Form):
    q = forms.CharField(label="Process", required=False)
    outcome = forms.ChoiceField(choices=[("", "Any"), ("error", "Error")], required=False)


def test_a_pill_has_word_tone_and_sentence() -> None:
    html = render('{% status_pill "ERROR" "execution" %}')
    assert "tone-bad" in html
    assert ">Error<" in html
    assert 'title="The run ended with an error."' in html


def test_an_icon_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in render('{% icon "plug" %}')
    assert 'aria-label="Connected"' in render('{% icon "plug" label="Connected" %}')


def test_words_of_strangers_are_escaped() -> None:
    html = render("{% callout 'bad' text %}{% short_id text %}", text="<script>alert(1)</script>")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_relative_time_carries_utc_on_hover() -> None:
    moment = timezone.now() - timedelta(minutes=12)
    html = render("{% reltime moment %}", moment=moment)
    assert "12 min ago" in html
    assert f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" in html


def test_the_viewers_zone_stands_before_utc() -> None:
    with timezone.override("Europe/Berlin"):
        html = render("{% abstime moment %}", moment=datetime(2026, 5, 4, 9, 12, tzinfo=UTC))
    assert ">2026-05-04 11:12:00<" in html
    assert "2026-05-04 11:12:00 CEST · 2026-05-04 09:12:00 UTC" in html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% reltime nothing %}", "never"),
        ("{% duration nothing %}", "–"),
        ("{{ nothing|number }}", "–"),
        ("{{ nothing|size }}", "–"),
        ("{% short_id nothing %}", "–"),
    ],
)
def test_what_is_unknown_is_said(source: str, text: str) -> None:
    assert text in render(source, nothing=None)


def test_a_changed_filter_goes_back_to_the_first_page() -> None:
    html = render("{% query_set outcome='error' %}", "/executions/?q=a%26b&page=4")
    assert html == "?q=a%26b&amp;outcome=error"


def test_the_last_filter_taken_away_leaves_the_bare_address() -> None:
    assert render("{% query_set q=None %}", "/executions/?q=a&live=1") == "/executions/"


def test_pages_keep_the_filters() -> None:
    page = Paginator(range(120), 50).page(2)
    html = render("{% pagination page 'runs' %}", "/executions/?q=x&page=2", page=page)
    assert "51–100 of 120 runs" in html
    assert 'href="?q=x&amp;page=3"' in html


def test_an_empty_page_says_so() -> None:
    html = render("{% pagination page 'runs' %}", page=Paginator([], 50).page(1))
    assert "No runs" in html


def test_a_second_click_turns_the_order_round() -> None:
    source = "{% sort_header 'started' 'Started' %}"
    assert 'href="?sort=started"' in render(source)
    turned = render(source, "/executions/?sort=started")
    assert 'href="?sort=-started"' in turned
    assert 'aria-sort="ascending"' in turned


def test_a_filter_in_force_is_a_chip_in_its_own_words() -> None:
    path = "/executions/?outcome=error&sort=started"
    form = Filters(RequestFactory().get(path).GET)
    html = render("{% filter_bar form count=7 noun='runs' %}", path, form=form)
    assert "7 runs" in html
    assert "Remove the filter Outcome: Error" in html
    assert '<input type="hidden" name="sort" value="started">' in html


def test_no_filter_no_clear() -> None:
    html = render("{% filter_bar form %}", form=Filters({}))
    assert "Clear all" not in html


def test_a_wrong_field_is_tied_to_its_error() -> None:
    form = type("One", (forms.Form,), {"name": forms.CharField(help_text="Its name.")})({})
    html = render("{% field form.name %}", form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_help id_name_error"' in html
    assert 'id="id_name_error"' in html


def test_steps_before_the_current_one_are_done() -> None:
    html = render("{% stepper 'requested,waiting,parsing' 'waiting' %}")
    assert html.count("step-done") == 1
    assert 'aria-current="step"' in html


def test_a_failed_run_shows_where_it_stopped_and_no_bar() -> None:
    run = SimpleNamespace(
        title="Sync", status="failed", phase="waiting", percent=20, detail="Refused."
    )
    html = render("{% progress run phases='requested,waiting,parsing' %}", run=run)
    assert "step-failed" in html
    assert "<progress" not in html


def test_a_running_job_says_how_far_it_is() -> None:
    run = SimpleNamespace(title="Sync", status="running", phase="pages", percent=62, detail="")
    html = render("{% progress run %}", run=run)
    assert '<progress aria-label="Sync" max="100" value="62">' in html
    assert "Pages" in html


def test_a_histogram_carries_its_numbers_as_a_table() -> None:
    data = {"bucket_seconds": 60, "start": "2026-05-04T09:12:00Z", "records": [3], "errors": [1]}
    html = render("{% histogram data %}", data=data)
    assert "<desc>" in html
    assert '<th scope="row">09:12:00</th>' in html


def test_a_run_strip_names_each_run() -> None:
    run = SimpleNamespace(
        outcome="error", duration_ms=3100, started_at=datetime(2026, 5, 4, 9, 12, tzinfo=UTC)
    )
    html = render("{% run_strip runs %}", runs=[run])
    assert "<title>04 May 09:12 Error, 3.1 s</title>" in html


def test_a_dialog_is_named_by_its_title() -> None:
    html = render("{% dialog id='d' title='Keys' %}<p>Text</p>{% enddialog %}")
    assert 'aria-labelledby="d-title"' in html
    assert "<p>Text</p>" in html


def test_a_lock_is_told_in_whole_units() -> None:
    assert render("{{ lock|span }}", lock=timedelta(minutes=15)) == "15 min"


@pytest.mark.parametrize(
    ("noun", "single"),
    [("jobs", "job"), ("deliveries", "delivery"), ("analyses", "analysis"), ("left", "left")],
)
def test_one_is_not_counted_in_the_plural(noun: str, single: str) -> None:
    assert render("{% counted noun 1 %}", noun=noun) == single
    assert render("{% counted noun 0 %}", noun=noun) == noun
    page = Paginator(["only"], 10).page(1)
    assert f"1–1 of 1 {single}" in render("{% pagination page noun %}", page=page, noun=noun)
