"""What every form of a payslip shows: page, phone, PDF."""

from __future__ import annotations

from typing import Any

from modules.payroll import words
from modules.payroll.legal_words import citation_title
from modules.payroll.rules.document import Document
from modules.payroll.service.payslips import Opened
from modules.payroll.trace import explain


def statement_context(opened: Opened, previous: Document | None) -> dict[str, Any]:
    run, document = opened.run, opened.document
    return {
        "opened": opened,
        "run": run,
        "payslip": opened.payslip,
        "document": document,
        "person": document.person,
        "month": words.month(run.year, run.month),
        "statement": explain(document, opened.plan, previous),
        "standings": words.STANDINGS,
        "citation_title": citation_title,
        "watermark": True,
    }
