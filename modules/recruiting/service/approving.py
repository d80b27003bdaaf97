"""The seam to approvals: how a requisition is handed in and decided.

A decision is made by somebody who manages recruiting and did not ask themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime

from modules.recruiting.errors import NotReady, NotYours
from modules.recruiting.models import Requisition
from modules.recruiting.service.access import MANAGE
from zhiren.context import Context
from zhiren.i18n import _


def start(requisition: Requisition) -> None:
    """From now on it waits for a decision."""
    requisition.state = "pending"


def withdraw(requisition: Requisition) -> None:
    requisition.state, requisition.decided_at = "withdrawn", datetime.now(UTC)


def decide(ctx: Context, requisition: Requisition, *, approved: bool) -> None:
    """Raises NotReady unless it waits for a decision, NotYours for one's own request."""
    if requisition.state != "pending":
        raise NotReady(_("这份需求不在审批中。"), hint=_("请刷新后再看。"))
    if not may_decide(ctx, requisition):
        raise NotYours(_("自己提的需求，由别人审批。"))
    requisition.state = "approved" if approved else "rejected"
    requisition.decided_at = datetime.now(UTC)


def may_decide(ctx: Context, requisition: Requisition) -> bool:
    return ctx.actor.can(MANAGE) and requisition.requester_id != ctx.actor.user_id
