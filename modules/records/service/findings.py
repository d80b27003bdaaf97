"""Findings of the rules as refusals people read."""

from __future__ import annotations

from collections.abc import Iterable

from modules.records.errors import InvalidRecord
from modules.records.rules.people import FAULTS, Finding
from zhiren.i18n import _


def sentence(finding: Finding) -> str:
    return _(FAULTS[finding.code], **finding.params)


def refuse(findings: Iterable[Finding]) -> None:
    """Raises InvalidRecord for those that stand in the way."""
    fields = {finding.field: sentence(finding) for finding in findings if finding.blocks}
    if fields:
        raise InvalidRecord(_("有 {n} 处需要更正。", n=len(fields)), fields=fields, hint=_("请按提示修改后再保存。"))
