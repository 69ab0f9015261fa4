"""How the versions of a component differ: small changes such as people make.

The newest version is the document as it is drawn; `age` counts versions back
from it. Neighbours always differ, in the place one would expect for the type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sandbox.process_form import Content

_OVERRIDES_SINCE = 3
_SETTINGS = (
    (r'(readTimeout=")\d+"', 120_000, -5_000),
    (r'(maximumConnections=")\d+"', 10, 1),
    (r'(<SFTPSettings [^>]*port=")\d+"', 22, 2_000),
    (r'(id="connectTimeout" type="integer" value=")[^"]*"', 0, 1_000),
)


def aged(type_: str, content: Content, age: int) -> Content:
    """The content `age` versions before the newest."""
    if age == 0:
        return content
    change = _CHANGES.get(type_)
    if change is None:
        return replace(content, description=f"{content.description} (change {age} open)".strip())
    changed = change(content.object_xml, age)
    overrides = content.overrides
    if overrides and age >= _OVERRIDES_SINCE:
        # Extensions were declared late.
        overrides = ""
    return replace(content, object_xml=changed, overrides=overrides)


def _process(text: str, age: int) -> str:
    """Other retries; without a Try/Catch, a step elsewhere on the canvas.

    Names stay: the logs of all versions tell of the same steps.
    """
    if 'retryCount="0"' in text:
        return text.replace('retryCount="0"', f'retryCount="{age % 6}"', 1)
    user_log = "true" if age % 2 else "false"
    text = re.sub(r'enableUserLog="\w+"', f'enableUserLog="{user_log}"', text, count=1)
    return text.replace('x="48.0"', f'x="{48 + 16 * age}.0"', 1)


def _settings(text: str, age: int) -> str:
    for pattern, start, step in _SETTINGS:
        changed = re.sub(pattern, lambda m: f'{m[1]}{start + step * age}"', text, count=1)  # noqa: B023
        if changed != text:
            return changed
    return text


def _operation(text: str, age: int) -> str:
    return text.replace('<Archiving directory=""', f'<Archiving directory="/archive/{age}"', 1)


def _map(text: str, age: int) -> str:
    """Lines that were not drawn yet; a map that was drawn anew starts over."""
    lines = re.findall(r"<Mapping [^>]*/>", text)
    for line in lines[len(lines) - age % len(lines) :] if age % len(lines) else ():
        text = text.replace(line, "", 1)
    return text


def _script(text: str, age: int) -> str:
    return text.replace("<script>", f"<script>// to do: {age} more case(s)\n", 1)


def _properties(text: str, age: int) -> str:
    return re.sub(
        r"<helpText>[^<]*</helpText>|<helpText/>",
        f"<helpText>Asked for by team {age}</helpText>",
        text,
        count=1,
    )


_CHANGES: dict[str, Callable[[str, int], str]] = {
    "process": _process,
    "connector-settings": _settings,
    "connector-action": _operation,
    "transform.map": _map,
    "script.processing": _script,
    "script.mapping": _script,
    "processproperty": _properties,
}
