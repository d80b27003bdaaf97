"""Sums of a run, kept up as payslips are made or replaced."""

from __future__ import annotations

import heapq
from collections import Counter
from operator import add, sub
from uuid import UUID

from msgspec.structs import astuple

from modules.payroll.rules.document import Document, Totals
from modules.payroll.schemas import PersonChange, RunSummary

#: how many of the largest differences a summary names
CHANGES_KEPT = 100
#: smaller ones are the fen that cumulative tax rounds to and fro
SMALLEST_CHANGE_FEN = 100


class Tally:
    """Adds payslips up. ``remove`` takes one out again, when it is replaced."""

    def __init__(self, start: RunSummary | None = None) -> None:
        self._totals = _counts(start.totals if start else Totals())
        self._previous = _counts(start.previous if start else Totals())
        self._joined = start.joined if start else 0
        self._changes = {change.employee_id: change for change in start.changes} if start else {}
        self._doubts = Counter(start.doubts if start else {})

    def add(self, employee_id: UUID, document: Document) -> None:
        self._count(document, 1)
        if document.previous is None:
            return
        net, before = document.totals.net_fen, document.previous.net_fen
        if abs(net - before) >= SMALLEST_CHANGE_FEN:
            who = document.person
            self._keep({employee_id: PersonChange(employee_id, who.number, who.name, net, before)})

    def _keep(self, changes: dict[UUID, PersonChange]) -> None:
        self._changes |= changes
        if len(self._changes) > 20 * CHANGES_KEPT:
            self._changes = {change.employee_id: change for change in self._largest()}

    def merge(self, other: RunSummary) -> None:
        """Adds the sums of other people."""
        self._totals = list(map(add, self._totals, astuple(other.totals)))
        self._previous = list(map(add, self._previous, astuple(other.previous)))
        self._joined += other.joined
        self._keep({change.employee_id: change for change in other.changes})
        self._doubts.update(other.doubts)

    def remove(self, employee_id: UUID, document: Document) -> None:
        self._count(document, -1)
        self._changes.pop(employee_id, None)

    def _count(self, document: Document, sign: int) -> None:
        one, previous = add if sign > 0 else sub, document.previous
        self._totals = list(map(one, self._totals, astuple(document.totals)))
        if previous is None:
            self._joined += sign
        else:
            self._previous = list(map(one, self._previous, astuple(previous)))
        for key in (*document.doubts, *document.warnings):
            self._doubts[key] += sign

    def _largest(self) -> list[PersonChange]:
        return heapq.nlargest(
            CHANGES_KEPT, self._changes.values(), key=lambda change: abs(change.net_fen - change.previous_net_fen)
        )

    def summary(self) -> RunSummary:
        return RunSummary(
            totals=Totals(*self._totals),
            previous=Totals(*self._previous),
            joined=self._joined,
            changes=self._largest(),
            doubts={key: count for key, count in sorted(self._doubts.items()) if count},
        )


def _counts(totals: Totals) -> list[int]:
    return list(astuple(totals))
