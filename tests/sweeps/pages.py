"""What every HTML page must keep to, whatever it shows."""

from __future__ import annotations

from html.parser import HTMLParser

from django.http import HttpResponse

LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "use": "href"}


class Faults(HTMLParser):
    """Collects what a strict Content-Security-Policy would block, and what comes from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        data_block = values.get("type") in {"application/json", "text/template"}
        if tag == "script" and "src" not in values and not data_block:
            self.found.append("inline <script>")
        if tag == "style":
            self.found.append("inline <style>")
        for name, value in values.items():
            if name == "style":
                self.found.append(f"style attribute on <{tag}>")
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self.found.append(f"inline handler {name} on <{tag}>")
        source = values.get(LOADING.get(tag, ""), "")
        if source.startswith(("http:", "https:", "//")):
            self.found.append(f"<{tag}> loads {source}")


def faults(answer: HttpResponse) -> list[str]:
    """Every fault of a page; an answer that is no HTML has none."""
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    policy = answer.get("Content-Security-Policy", "")
    wrong = []
    if "default-src 'self'" not in policy or "unsafe-" in policy:
        wrong.append(f"policy {policy!r}")
    if answer.get("X-Content-Type-Options") != "nosniff":
        wrong.append("no nosniff")
    parser = Faults()
    if not getattr(answer, "streaming", False):
        parser.feed(answer.content.decode())
    return wrong + parser.found
