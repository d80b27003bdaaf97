"""Where applications come from: channels with their costs, agencies with their people, batches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from secrets import choice
from uuid import UUID

from modules.recruiting.errors import EntryNotFound, InvalidRecruiting
from modules.recruiting.models import Agency, AgencyMember, Batch, Channel, Job
from modules.recruiting.models.openings import CHANNEL_KINDS
from modules.recruiting.repository import channels as queries
from modules.recruiting.rules.slugs import ALPHABET
from modules.recruiting.words_openings import BATCH_KINDS
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.money import AMOUNT_LIMIT_FEN

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,29}")
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")


def new_code(length: int = 8) -> str:
    return "".join(choice(ALPHABET) for _one in range(length))


# ---- channels


async def channel(ctx: Context, channel_id: UUID) -> Channel:
    found = await queries.channel(ctx.session, channel_id)
    if found is None:
        raise EntryNotFound(_("没有这个渠道。"))
    return found


async def save_channel(
    ctx: Context, channel_id: UUID | None, *, name: str, kind: str, code: str = "", active: bool = True
) -> Channel:
    """A new channel, or one with another name; the code never changes, links with it are out in the world. Raises
    InvalidRecruiting."""
    others = [one for one in await queries.channels(ctx.session) if one.id != channel_id]
    faults = _named(name, [one.name for one in others])
    if kind not in CHANNEL_KINDS:
        faults["kind"] = _("请重新选择")
    if channel_id is None:
        code = code or new_code(6)
        if not _CODE.fullmatch(code):
            faults["code"] = _("用小写字母、数字和连字符，2 到 30 个")
        elif any(one.code == code for one in others):
            faults["code"] = _("这个代码已被使用")
    _refuse(faults)
    found = await channel(ctx, channel_id) if channel_id else Channel(code=code)
    before = found.name
    found.name, found.kind, found.active = name, kind, active
    ctx.session.add(found)
    await ctx.session.flush()
    _record(ctx, "channel.save", found.id, {"name": (before, name), "active": (None, active)})
    return found


async def set_cost(ctx: Context, channel_id: UUID, month: str, amount_fen: int | None) -> Channel:
    """What was spent in a month such as "2026-09"; None takes the figure away. Raises InvalidRecruiting."""
    found = await channel(ctx, channel_id)
    if not _MONTH.fullmatch(month):
        raise InvalidRecruiting(_("请检查标出的内容。"), fields={"month": _("请选择月份")})
    if amount_fen is not None and not 0 <= amount_fen <= AMOUNT_LIMIT_FEN:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields={"amount": _("金额超出范围")})
    before = found.costs.get(month)
    rest = {name: value for name, value in found.costs.items() if name != month}
    found.costs = rest if amount_fen is None else rest | {month: amount_fen}
    await ctx.session.flush()
    _record(ctx, "channel.cost", found.id, {"month": (None, month), "cost": (before, amount_fen)})
    return found


# ---- agencies


async def agency(ctx: Context, agency_id: UUID) -> Agency:
    found = await queries.agency(ctx.session, agency_id)
    if found is None:
        raise EntryNotFound(_("没有这家猎头公司。"))
    return found


async def save_agency(
    ctx: Context, agency_id: UUID | None, *, name: str, terms: str, ownership_days: int, active: bool = True
) -> Agency:
    """Raises InvalidRecruiting for a name that is taken, or ownership beyond three years."""
    faults = _named(name, [one.name for one in await queries.agencies(ctx.session) if one.id != agency_id])
    if not 0 <= ownership_days <= 1095:
        faults["ownership_days"] = _("请填 0 到 {count}", count=1095)
    _refuse(faults)
    found = await agency(ctx, agency_id) if agency_id else Agency()
    before = found.ownership_days
    found.name, found.terms, found.ownership_days, found.active = name, terms.strip()[:2000], ownership_days, active
    ctx.session.add(found)
    await ctx.session.flush()
    changes = {"name": (None, name), "ownership_days": (before, ownership_days), "active": (None, active)}
    _record(ctx, "agency.save", found.id, changes)
    return found


async def set_jobs(ctx: Context, agency_id: UUID, job_ids: list[UUID]) -> list[Job]:
    """The jobs it may propose people for, of those that are not over."""
    await agency(ctx, agency_id)
    jobs = list(await queries.living_jobs(ctx.session))
    before = [job.number for job in jobs if agency_id in job.agency_ids]
    for job in jobs:
        rest = [one for one in job.agency_ids if one != agency_id]
        wanted = [*rest, agency_id] if job.id in job_ids else rest
        if set(wanted) != set(job.agency_ids):
            job.agency_ids = wanted
    await ctx.session.flush()
    chosen = [job for job in jobs if agency_id in job.agency_ids]
    _record(ctx, "agency.jobs", agency_id, {"jobs": (before, [job.number for job in chosen])})
    return chosen


async def add_member(ctx: Context, agency_id: UUID, *, name: str, mail: str) -> AgencyMember:
    """Somebody who logs in at the agencies' portal. Raises InvalidRecruiting: one mail address is one person."""
    await agency(ctx, agency_id)
    faults = {} if 1 <= len(name) <= 60 else {"name": _("请填写，最多 {count} 个字", count=60)}
    if not _MAIL.fullmatch(mail) or len(mail) > 200:
        faults["mail"] = _("邮箱格式不对")
    elif await queries.member_by_mail(ctx.session, mail) is not None:
        faults["mail"] = _("这个邮箱已经登记过了")
    _refuse(faults)
    found = AgencyMember(agency_id=agency_id, name=name)
    found.mail = mail
    ctx.session.add(found)
    await ctx.session.flush()
    _record(ctx, "agency.member", agency_id, {"member": (None, name)})
    return found


async def set_member_active(ctx: Context, agency_id: UUID, member_id: UUID, active: bool) -> None:
    """Whether the person may log in. Raises EntryNotFound."""
    found = await queries.member(ctx.session, member_id)
    if found is None or found.agency_id != agency_id:
        raise EntryNotFound(_("没有这位顾问。"))
    before, found.active = found.active, active
    _record(ctx, "agency.member", agency_id, {"member": (None, found.name), "active": (before, active)})


# ---- batches


async def batch(ctx: Context, batch_id: UUID) -> Batch:
    found = await queries.batch(ctx.session, batch_id)
    if found is None:
        raise EntryNotFound(_("没有这个批次。"))
    return found


async def save_batch(
    ctx: Context,
    batch_id: UUID | None,
    *,
    name: str,
    kind: str,
    starts_on: date,
    ends_on: date,
    school: str = "",
    city: str = "",
    place: str = "",
    active: bool = True,
) -> Batch:
    """A campus season or a hiring day. Raises InvalidRecruiting."""
    faults = _named(name, [one.name for one in await queries.batches(ctx.session) if one.id != batch_id])
    if kind not in BATCH_KINDS:
        faults["kind"] = _("请重新选择")
    if ends_on < starts_on:
        faults["ends_on"] = _("不能早于开始日期")
    _refuse(faults)
    found = await batch(ctx, batch_id) if batch_id else Batch()
    found.name, found.kind, found.starts_on, found.ends_on = name, kind, starts_on, ends_on
    found.school, found.city, found.place, found.active = school[:60], city[:30], place[:120], active
    ctx.session.add(found)
    await ctx.session.flush()
    period = f"{starts_on.isoformat()} – {ends_on.isoformat()}"
    _record(ctx, "batch.save", found.id, {"name": (None, name), "period": (None, period), "active": (None, active)})
    return found


def _named(name: str, taken: list[str]) -> dict[str, str]:
    if not 1 <= len(name) <= 60:
        return {"name": _("请填写，最多 {count} 个字", count=60)}
    return {"name": _("名称已被使用")} if name in taken else {}


def _refuse(faults: dict[str, str]) -> None:
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


def _record(ctx: Context, act: str, object_id: UUID, changes: Mapping[str, tuple[object, object]]) -> None:
    kind = act.partition(".")[0]
    audit.record(ctx, f"recruiting.{act}", object_type=f"recruiting.{kind}", object_id=object_id, changes=changes)
