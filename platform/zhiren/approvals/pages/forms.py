"""What the forms of approvals send."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request

from zhiren.approvals.errors import AwayInvalid, SignerRefused
from zhiren.approvals.schemas import Verdict
from zhiren.errors import InvalidInput
from zhiren.i18n import _

AnyRequest = Request[Any, Any, Any]


async def read_form(request: AnyRequest) -> dict[str, str]:
    """Text fields, trimmed; of several with one name the last counts."""
    form = await request.form()
    return {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}


def verdict_of(form: dict[str, str]) -> Verdict:
    match form.get("verdict"):
        case "approve":
            return "approve"
        case "reject":
            return "reject"
    raise InvalidInput(_("请选择同意或拒绝。"))


def person_of(form: dict[str, str]) -> UUID:
    try:
        return UUID(form.get("to", ""))
    except ValueError:
        raise SignerRefused(_("请选择一个人。"), fields={"to": _("请选择")}) from None


def day_of(form: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        raise AwayInvalid(_("请填写日期。"), fields={name: _("请填写")}) from None
