"""用人需求: asked for by a manager, approved, and made into a job."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from modules.records import api as records
from modules.recruiting import repository as core
from modules.recruiting.errors import InvalidRecruiting, NotReady, NotYours, RequisitionNotFound
from modules.recruiting.models import Requisition
from modules.recruiting.repository import openings as queries
from modules.recruiting.schemas_openings import RequisitionData
from modules.recruiting.service import approving
from modules.recruiting.service.access import MANAGE
from zhiren import approvals, audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.money import AMOUNT_LIMIT_FEN

MAX_HEADCOUNT = 500
#: states in which the asking can still be changed
CHANGEABLE = ("draft", "rejected", "withdrawn")
_PAY = ("salary_min_fen", "salary_max_fen")


def requester(ctx: Context) -> UUID | None:
    """Whose requisitions the reader is limited to; None for who sees all."""
    return None if ctx.actor.can(MANAGE) else ctx.actor.user_id


async def find(ctx: Context, requisition_id: UUID, *, lock: bool = False) -> Requisition:
    """Raises RequisitionNotFound where there is none or it is somebody else's."""
    found = await queries.requisition(ctx.session, requisition_id, requester=requester(ctx), lock=lock)
    if found is None:
        raise RequisitionNotFound(_("没有这份用人需求，或者不是您提的。"))
    return found


async def create(ctx: Context, data: RequisitionData) -> Requisition:
    """A draft. Raises InvalidRecruiting with every field that is wrong."""
    await _check(ctx, data)
    if ctx.actor.user_id is None:
        raise InvalidRecruiting(_("用人需求要由人提出。"))
    found = Requisition(
        number=await core.next_number(ctx.session, "R", Requisition),
        requester_id=ctx.actor.user_id,
        state="draft",
        **{name: value for name, value in msgspec.structs.asdict(data).items() if name not in _PAY},
    )
    found.salary_min_fen, found.salary_max_fen = data.salary_min_fen, data.salary_max_fen
    ctx.session.add(found)
    await ctx.session.flush()
    _record(ctx, "create", found, {"title": (None, found.title), "headcount": (None, found.headcount)})
    return found


async def update(ctx: Context, requisition_id: UUID, data: RequisitionData) -> Requisition:
    """Before it is handed in, or after it was refused. Pay left empty stays. Raises NotReady otherwise."""
    found = await find(ctx, requisition_id, lock=True)
    if found.state not in CHANGEABLE:
        raise NotReady(_("审批中和已批准的需求不能修改。"), hint=_("要改，请先撤回。"))
    await _check(ctx, data)
    before = {name: getattr(found, name) for name in ("title", "headcount", "unit_id", "city", "target_date")}
    for name, value in msgspec.structs.asdict(data).items():
        if name not in _PAY or value is not None:
            setattr(found, name, value)
    await ctx.session.flush()
    changes = {name: (old, getattr(found, name)) for name, old in before.items() if old != getattr(found, name)}
    _record(ctx, "update", found, {name: (str(old), str(new)) for name, (old, new) in changes.items()})
    return found


async def submit(ctx: Context, requisition_id: UUID) -> Requisition:
    """Hands it in for approval. Raises NotReady where it runs or is decided, NobodyToSign."""
    found = await find(ctx, requisition_id, lock=True)
    if found.state not in CHANGEABLE:
        raise NotReady(_("这份需求已经提交过了。"), hint=_("请刷新后再看。"))
    before = found.state
    await approving.start(ctx, found)
    await ctx.session.refresh(found)
    _record(ctx, "submit", found, {"state": (before, found.state)})
    return found


async def withdraw(ctx: Context, requisition_id: UUID) -> Requisition:
    """Takes it back while it is in approval; only who asked does. Raises NotReady, CaseNotFound."""
    found = await find(ctx, requisition_id, lock=True)
    case = await approvals.case_of(ctx, approving.KIND, found.id)
    if found.state != "pending" or case is None:
        raise NotReady(_("只有审批中的需求可以撤回。"))
    await approvals.withdraw(ctx, case.id)
    await ctx.session.refresh(found)
    return found


def sees_pay(ctx: Context, found: Requisition | None = None) -> bool:
    """Who may read everybody's pay may read what is offered; who asked for people wrote the range themselves. The right
    to one's own pay, or to that of one's reports, is not enough."""
    own = found is not None and found.requester_id == ctx.actor.user_id
    return own or ctx.actor.scope("field.pay.read").everyone


async def reveal_pay(ctx: Context, requisition_id: UUID) -> tuple[int | None, int | None]:
    """A month's pay, from and to, in fen. The reading is recorded. Raises NotYours."""
    found = await find(ctx, requisition_id)
    if not sees_pay(ctx, found):
        raise NotYours(_("您没有查看薪资的权限。"))
    audit.record(
        ctx,
        "recruiting.requisition.reveal",
        object_type="recruiting.requisition",
        object_id=found.id,
        fields=["salary_range"],
        sensitive=True,
    )
    return found.salary_min_fen, found.salary_max_fen


async def replaced(ctx: Context, text: str) -> UUID | None:
    """An employee by number, or by name where nobody else has it, among those the reader may see."""
    if not text:
        return None
    people = await records.list_employees(ctx, today(), scope=ctx.actor.scope("records.employee.read"))
    found = [person for person in people if text in (person.number, person.name)]
    if len(found) != 1:
        why = _("没有找到这个人") if not found else _("有几个同名的人，请填工号")
        raise InvalidRecruiting(_("请检查标出的内容。"), fields={"replaces": why})
    return found[0].id


async def _check(ctx: Context, data: RequisitionData) -> None:
    faults: dict[str, str] = {}
    data.title, data.city, data.justification = data.title.strip(), data.city.strip(), data.justification.strip()
    if not 1 <= len(data.title) <= 60:
        faults["title"] = _("请填写，最多 {count} 个字", count=60)
    if not 1 <= data.headcount <= MAX_HEADCOUNT:
        faults["headcount"] = _("请填 1 到 {count}", count=MAX_HEADCOUNT)
    if data.unit_id not in {unit.id for unit in await records.org_units(ctx, today())}:
        faults["unit_id"] = _("请选择部门")
    if data.position_id and data.position_id not in {row.id for row in await records.positions(ctx) if row.active}:
        faults["position_id"] = _("请重新选择")
    if data.replaces_id and data.replaces_id not in await records.employee_refs(ctx, [data.replaces_id]):
        faults["replaces"] = _("没有找到这个人")
    if data.reason == "replacement" and data.replaces_id is None:
        faults["replaces"] = _("补员要写明接替谁")
    faults |= check_pay(data.salary_min_fen, data.salary_max_fen)
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


def check_pay(lowest: int | None, highest: int | None) -> dict[str, str]:
    """What is wrong with a range of pay, by field."""
    for name, amount in (("salary_min", lowest), ("salary_max", highest)):
        if amount is not None and not 0 <= amount <= AMOUNT_LIMIT_FEN:
            return {name: _("金额超出范围")}
    if lowest is not None and highest is not None and highest < lowest:
        return {"salary_max": _("不能低于下限")}
    return {}


def _record(
    ctx: Context, act: str, found: Requisition, changes: Mapping[str, tuple[object, object]], reason: str = ""
) -> None:
    audit.record(
        ctx,
        f"recruiting.requisition.{act}",
        object_type="recruiting.requisition",
        object_id=found.id,
        changes=changes or None,
        reason=reason,
    )
