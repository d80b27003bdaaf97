"""axe-core in the page under test: what a person with a screen reader, a keyboard or weak eyes would meet."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "platform/zhiren/web/assets/node_modules/axe-core/axe.min.js"
GRAVE = ("serious", "critical")


def violations(page: Any, *, context: str | None = None) -> list[str]:
    """Serious and critical faults of ``page`` (Playwright, sync), one readable line for each place."""
    # evaluated and not added as a script element: the content security policy stays in force
    page.evaluate(AXE.read_text())
    result = page.evaluate("(context) => axe.run(context ?? document, {resultTypes: ['violations']})", context)
    return lines(result)


def lines(result: Any, grave: Collection[str] = GRAVE) -> list[str]:
    """What axe found, one line for each place."""
    return [
        f"{violation['id']} ({violation['impact']}): {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        f" {_why(node)}"
        for violation in result["violations"]
        if violation["impact"] in grave
        for node in violation["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in node["any"][:1])
