"""Payroll's pages. Each handler parses, calls a use case, and answers."""

from __future__ import annotations

from modules.payroll.pages import law, own, payslips, runs, settings, terms

HANDLERS = (
    *runs.HANDLERS,
    *payslips.HANDLERS,
    *own.HANDLERS,
    *settings.HANDLERS,
    *terms.HANDLERS,
    *law.HANDLERS,
)
