"""The customer's own lists: reasons why an application ends, texts written again and again, and offer letters.

A few usual ones stand there from the beginning; a row of the same code replaces one, or hides it by not being active.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

import msgspec

from modules.recruiting.errors import EntryNotFound, InvalidRecruiting
from modules.recruiting.models import CatalogueEntry
from modules.recruiting.repository import settings as queries
from modules.recruiting.rules import letters
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.ids import new_id

ListKind = Literal["reason", "message", "letter"]
MAX_TEXT: Final[dict[ListKind, int]] = {"reason": 2000, "message": 2000, "letter": 6000}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One reason (``text`` is the feedback offered), message (``subject`` and ``text``) or letter."""

    code: str
    name: str
    text: str = ""
    subject: str = ""
    active: bool = True
    #: None while it stands as it came
    id: UUID | None = None


_SOFT: Final = N_("感谢您的时间。这次有与职位要求更接近的人选，我们会保留您的资料，有合适的机会再联系您。")
_PAY: Final = N_("感谢您的时间。目前职位的薪资范围与您的期望有差距，希望以后有机会合作。")
_FILLED: Final = N_("感谢您的应聘。这个职位已经招满，我们会保留您的资料，有合适的机会再联系您。")
_RECEIVED: Final = N_("您应聘的“{job}”已收到，我们会尽快看完并告诉您结果。")
_USUAL: Final[dict[ListKind, tuple[tuple[str, str, str, str], ...]]] = {
    "reason": (
        ("skills", N_("技能与职位不符"), "", _SOFT),
        ("experience", N_("相关经验不足"), "", _SOFT),
        (
            "salary",
            N_("薪资期望有差距"),
            "",
            _PAY,
        ),
        (
            "filled",
            N_("职位已招满"),
            "",
            _FILLED,
        ),
        ("no_show", N_("未到场面试"), "", ""),
        ("unreachable", N_("联系不上"), "", ""),
        ("gave_up", N_("候选人放弃"), "", N_("尊重您的选择，感谢您的时间，祝一切顺利。")),
        ("other", N_("其他原因"), "", ""),
    ),
    "message": (
        (
            "received",
            N_("已收到简历"),
            N_("我们收到了您的简历"),
            _RECEIVED,
        ),
        ("more", N_("请补充资料"), N_("请补充资料"), N_("为了更好地了解您，请补充“{job}”的相关资料。")),
        ("waiting", N_("还需要几天"), N_("您的应聘还在进行中"), N_("“{job}”的筛选还需要几天，请您再等一等。")),
    ),
    "letter": (("usual", N_("通用模板"), "", letters.USUAL),),
}


async def entries(ctx: Context, kind: ListKind, *, active: bool = True) -> list[Entry]:
    """The list as people choose from it; with ``active`` off, what is hidden too."""
    rows = await queries.entries(ctx.session, kind, active=False)
    own = {row.code: row for row in rows}
    usual = [
        Entry(code=code, name=_(name), subject=_(subject) if subject else "", text=_(text) if text else "")
        for code, name, subject, text in _USUAL[kind]
        if code not in own
    ]
    found = [*usual, *(_entry(row) for row in rows)]
    return [entry for entry in found if entry.active or not active]


async def names(ctx: Context, kind: ListKind) -> dict[str, str]:
    """Code to name, of hidden ones too: what was chosen once keeps its name."""
    return {entry.code: entry.name for entry in await entries(ctx, kind, active=False)}


async def find(ctx: Context, kind: ListKind, code: str, *, active: bool = False) -> Entry:
    """Raises EntryNotFound."""
    found = next((entry for entry in await entries(ctx, kind, active=active) if entry.code == code), None)
    if found is None:
        raise EntryNotFound(_("列表里没有这一项，可能已被删除。"), hint=_("请刷新后重新选择。"))
    return found


def check(kind: ListKind, entry: Entry) -> None:
    """Raises InvalidRecruiting."""
    faults: dict[str, str] = {}
    if not 1 <= len(entry.name.strip()) <= 40:
        faults["name"] = _("请填写名称，最多 40 字")
    if len(entry.text) > MAX_TEXT[kind]:
        faults["text"] = _("最多 {max} 字", max=MAX_TEXT[kind])
    if kind != "reason" and not entry.text.strip():
        faults["text"] = _("请填写内容")
    if kind == "letter" and (unknown := letters.unknown_places(entry.text)):
        faults["text"] = _("没有这些内容可以代入：{names}", names="、".join(f"{{{one}}}" for one in unknown))
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


async def save(ctx: Context, kind: ListKind, entry: Entry) -> CatalogueEntry:
    """A new one when its code is empty. Raises InvalidRecruiting, EntryNotFound."""
    check(kind, entry)
    if entry.code:
        await find(ctx, kind, entry.code)
    row = await queries.entry(ctx.session, kind, entry.code) if entry.code else None
    if row is None:
        row = CatalogueEntry(kind=kind, code=entry.code or f"own-{new_id().hex[-12:]}")
        ctx.session.add(row)
    row.name, row.active = entry.name.strip(), entry.active
    row.data = {"text": entry.text.strip(), "subject": entry.subject.strip()}
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.catalogue.save",
        object_type="recruiting.catalogue",
        object_id=row.id,
        changes={"name": (None, row.name), "active": (None, row.active)},
    )
    return row


def _entry(row: CatalogueEntry) -> Entry:
    data = row.data
    return Entry(
        id=row.id,
        code=row.code,
        name=row.name,
        text=str(data.get("text", "")),
        subject=str(data.get("subject", "")),
        active=row.active,
    )


def texts(found: Sequence[Entry]) -> dict[str, str]:
    return {entry.code: entry.text for entry in found}
