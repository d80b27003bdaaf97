"""``zhiren bench``: how many times slower than the bare operation each thing is, measured in one run.

A measure is an async function that takes a ``Bench`` and returns results; the modules named in ``MODULES`` keep theirs
in a list ``MEASURES``. Ratios hold on any machine; absolute times are this one's.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ops import terminal
from ops.bench.measure import Bench, Measure, Result
from zhiren.i18n import _

if TYPE_CHECKING:
    from ops.installation import Installation

#: modules with a list ``MEASURES``
MODULES = (
    "ops.bench.payroll",
    "ops.bench.pages",
    "ops.bench.tenancy",
    "ops.bench.resumes",
    "ops.bench.pipeline",
    "ops.bench.booking",
)


def measures() -> list[Measure]:
    return [measure for name in MODULES for measure in import_module(name).MEASURES]


def run(installation: Installation, only: Sequence[str], *, quick: bool) -> int:
    """Runs the measures that ``only`` names in full or in part (all, without any) and prints a table of the results.
    Returns 0: a missed aim is told, not failed; 2 when no measure is called so."""
    chosen = [one for one in measures() if not only or any(_means(part, one.__name__) for part in only)]
    if not chosen:
        terminal.bad(_("没有这样的测量，可选：{names}", names=", ".join(one.__name__ for one in measures())))
        return 2
    bench = Bench(installation.services(), quick=quick)
    results: list[Result] = []
    for measure in chosen:
        terminal.step(_("测量 {name}…", name=measure.__name__))
        results += asyncio.run(measure(bench))
    if quick:
        terminal.say(_("--quick 用很小的数据量，只说明能测，数字不作数。"))
    click.echo(table(results))
    return 0


def _means(part: str, name: str) -> bool:
    """A name in full means that measure alone, though others begin with it."""
    return part == name if part in {one.__name__ for one in measures()} else part in name


def table(results: Sequence[Result]) -> str:
    """One line for each result: name, measured ratio, aim, whether it was met, detail."""
    heads = (_("项目"), _("实测"), _("目标"), _("结论"), _("详情"))
    lines = [heads] + [(one.name, f"{one.ratio:.2f}×", f"≤ {one.aim:g}×", _verdict(one), one.detail) for one in results]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _verdict(result: Result) -> str:
    if result.met:
        return "✓ " + _("达到")
    return "✗ " + _("是目标的 {factor} 倍", factor=f"{result.ratio / result.aim:.1f}")


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


__all__ = ["MODULES", "Bench", "Measure", "Result", "measures", "run", "table"]
