"""What the events of a candidate's timeline are called. A room that writes events of its own kind may say them better:
``register("interview", wording)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting import words
from modules.recruiting.models import TimelineEvent
from zhiren.i18n import N_, _
from zhiren.notices import MessageLine

Data = Mapping[str, Any]
#: event's data -> title, text; both in the reader's language
Wording = Callable[[Data], tuple[str, str]]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a timeline."""

    at: datetime
    kind: str
    title: str
    text: str = ""
    #: sealed words about the person
    note: str = ""
    who: str = ""
    #: how its messages fared
    messages: tuple[MessageLine, ...] = ()


_TITLES: Final[dict[str, str]] = {
    "applied": N_("应聘"),
    "moved": N_("移动阶段"),
    "screened": N_("按规则筛选"),
    "set_aside": N_("搁置"),
    "restored": N_("恢复应聘"),
    "rejected": N_("淘汰"),
    "withdrew": N_("撤回应聘"),
    "hired": N_("录用"),
    "note": N_("备注"),
    "message": N_("发送消息"),
    "tagged": N_("修改标签"),
    "merged": N_("合并候选人"),
    "resume": N_("收到简历"),
    "interview": N_("面试"),
    "scorecard": N_("面试评价"),
    "offer": N_("录用通知"),
    "onboarding": N_("入职办理"),
    "survey": N_("候选人反馈"),
    "consent": N_("个人信息同意"),
    "corrected": N_("更正资料"),
    "referral": N_("内部推荐"),
    "checked_in": N_("现场签到"),
}
_SOURCES: Final[dict[str, str]] = {
    "portal": N_("招聘网站"),
    "upload": N_("上传"),
    "mail": N_("邮箱"),
    "paste": N_("粘贴"),
    "agency": N_("猎头"),
    "referral": N_("内部推荐"),
}


def _title(kind: str) -> str:
    return _(_TITLES[kind])


def _plain(kind: str) -> Wording:
    """For kinds whose room says nothing better: what the event carries as ``name`` and ``detail``."""

    def wording(data: Data) -> tuple[str, str]:
        said = [_(str(data[key])) for key in ("name", "detail") if data.get(key)]
        return _title(kind), " · ".join(said)

    return wording


def _applied(data: Data) -> tuple[str, str]:
    return _("应聘“{job}”", job=data.get("job", "")), ""


def _moved(data: Data) -> tuple[str, str]:
    return _("移到“{stage}”", stage=_(str(data.get("name", data.get("to", ""))))), ""


def _screened(data: Data) -> tuple[str, str]:
    outcomes = [str(one.get("outcome")) for one in data.get("findings", ())]
    text = _(
        "{passed} 条符合，{failed} 条不符合，{unknown} 条待确认",
        passed=outcomes.count("passed"),
        failed=outcomes.count("failed"),
        unknown=outcomes.count("unknown"),
    )
    return _title("screened"), text


def _restored(data: Data) -> tuple[str, str]:
    _kind, state = words.APPLICATION_STATES.get(str(data.get("from", "")), ("", ""))
    return _title("restored"), _("之前：{state}", state=_(state)) if state else ""


def _tagged(data: Data) -> tuple[str, str]:
    if "pool" in data:
        return (_("放入人才库") if data["pool"] else _("移出人才库")), ""
    parts = [f"+ {tag}" for tag in data.get("added", ())] + [f"− {tag}" for tag in data.get("removed", ())]
    return _title("tagged"), "  ".join(parts)


def _merged(data: Data) -> tuple[str, str]:
    if data.get("undone"):
        return _("撤销合并"), ""
    return _title("merged"), _("并入了另一份“{name}”的资料", name=data.get("name", ""))


def _resume(data: Data) -> tuple[str, str]:
    source = _SOURCES.get(str(data.get("source", "")))
    return _title("resume"), " · ".join(str(part) for part in (source and _(source), data.get("name")) if part)


def _corrected(data: Data) -> tuple[str, str]:
    return _title("corrected"), "、".join(_(words.FIELDS.get(str(one), str(one))) for one in data.get("fields", ()))


def _silent(kind: str) -> Wording:
    return lambda _data: (_title(kind), "")


_wordings: dict[str, Wording] = {kind: _plain(kind) for kind in _TITLES} | {
    "applied": _applied,
    "moved": _moved,
    "screened": _screened,
    "restored": _restored,
    "tagged": _tagged,
    "merged": _merged,
    "resume": _resume,
    "corrected": _corrected,
    "note": _silent("note"),
    "message": _silent("message"),
}


def register(kind: str, wording: Wording) -> None:
    """Says events of ``kind``, which must be one of the timeline's, in words of its own room."""
    if kind not in _TITLES:
        raise ValueError(f"{kind!r} is no kind of event")
    _wordings[kind] = wording


def tell(
    events: Sequence[TimelineEvent], messages: Mapping[UUID, MessageLine], reasons: Mapping[str, str]
) -> list[Told]:
    """Newest first, with messages of other rooms among them; ``reasons`` are names by code."""
    told, said = [], set()
    for event in events:
        title, text = _wordings[event.kind](event.data)
        if event.kind in ("rejected", "withdrew") and event.data.get("reason"):
            text = reasons.get(str(event.data["reason"]), "")
        ids = [UUID(one) for one in event.data.get("messages", ())]
        said.update(ids)
        lines = tuple(messages[one] for one in ids if one in messages)
        told.append(
            Told(
                at=event.at,
                kind=event.kind,
                title=title,
                text=text,
                note=event.note or "",
                who=_who(event),
                messages=lines,
            )
        )
    told += [
        Told(at=line.created_at, kind="message", title=line.title, messages=(line,))
        for line in messages.values()
        if line.id not in said
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)


def _who(event: TimelineEvent) -> str:
    if event.actor_kind == "guest":
        return _("候选人")
    return event.actor_name if event.actor_kind == "user" else _("系统")
