"""Rules for every template and style sheet: strict policy, known icons, pages that stand alone."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from common.context import is_production
from common.templatetags.portal import ICONS

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((settings.BASE_DIR / "static" / "portal").glob("*.css"))
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:", re.I)
ICON = re.compile(r'{% icon "([^"]+)"')


# Mail programs know no style sheets and no policy: there the styles stand with the words.
PAGES = [path for path in TEMPLATES if path.parent.name != "mail"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.name))
def test_no_template_needs_a_weaker_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not INLINE.search(text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


def test_every_icon_is_in_the_sprite() -> None:
    sprite = (settings.BASE_DIR / "static" / ICONS).read_text(encoding="utf-8")
    known = set(re.findall(r'id="([^"]+)"', sprite))
    used = {icon for path in TEMPLATES for icon in ICON.findall(path.read_text(encoding="utf-8"))}
    assert used <= known


def test_every_custom_property_is_defined() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    defined = set(re.findall(r"(--[a-z0-9-]+)\s*:", text))
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", text)) <= defined


def test_light_and_dark_are_the_same_names() -> None:
    tokens = (settings.BASE_DIR / "static" / "portal" / "tokens.css").read_text(encoding="utf-8")
    _, media, chosen = re.split(r"@media|(?m:^):root\[data-theme=\"dark\"\]", tokens)
    pattern = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")
    assert pattern.findall(media) == pattern.findall(chosen)


def test_the_error_page_needs_no_context() -> None:
    assert "Something broke" in render_to_string("500.html")


def test_a_bad_request_is_answered_without_context() -> None:
    assert "could not read this request" in render_to_string("400.html")


@pytest.mark.parametrize("text", ["Production", "PROD EU", "Live", "Northwind production"])
def test_production_is_recognised(text: str) -> None:
    assert is_production(text)


@pytest.mark.parametrize("text", ["Demo", "Test", "Delivery", "Reproduction"])
def test_other_names_are_not_production(text: str) -> None:
    assert not is_production(text)
