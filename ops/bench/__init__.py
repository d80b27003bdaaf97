"""``zhiren bench``: how many times slower than the bare operation each thing is, measured in one run.

A measure is an async function that takes a ``Bench`` and returns results; the modules named in ``MODULES`` keep theirs
in a list ``MEASURES``. Ratios hold on any machine; absolute times are this one's.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ops.bench.measure import Bench, Result
from zhiren.i18n import _

if TYPE_CHECKING:
    from ops.installation import Installation

#: modules with a list ``MEASURES``
MODULES = ("ops.bench.tenancy",)


def run(installation: Installation, arguments: list[str]) -> int:
    """Runs the measures whose names contain one of ``arguments`` (all, without any) and prints a line for each result.
    Returns 0: a missed aim is told, not failed."""
    bench = Bench(installation.services())
    for measure in (measure for name in MODULES for measure in import_module(name).MEASURES):
        if arguments and not any(argument in measure.__name__ for argument in arguments):
            continue
        for result in asyncio.run(measure(bench)):
            click.echo(_line(result))
    return 0


def _line(result: Result) -> str:
    mark = click.style("✓" if result.met else "✗", fg="green" if result.met else "yellow")
    aim = _("目标 ≤ {aim}", aim=f"{result.aim:g}×")
    return f"{mark} {result.name}  {result.ratio:.2f}×  ({aim})  {click.style(result.detail, dim=True)}"


__all__ = ["MODULES", "Bench", "Result", "run"]
