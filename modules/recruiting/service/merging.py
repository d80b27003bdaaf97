"""Two records of one person made one, and parted again when that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting.errors import CandidateNotFound, InvalidRecruiting, NotReady
from modules.recruiting.models import Candidate, Merge
from modules.recruiting.repository import people as queries
from modules.recruiting.service import access, candidates, timeline
from modules.recruiting.shapes import Profile
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _

#: taken over from the one that goes where the one that stays has nothing
_FILLED: Final = (*candidates.PLAIN, *candidates.SEALED, "channel_id", "agency_id", "owned_until", "pooled_at")
_DUPLICATE: Final = "duplicate"


async def likely(ctx: Context, candidate: Candidate) -> list[tuple[Candidate, bool]]:
    """Who may be the same person, of those the reader may see: with whether it is sure."""
    data = candidates.data_of(candidate)
    found = [one for one in await candidates.same_people(ctx, data) if one.id != candidate.id]
    seen = await queries.by_ids(ctx.session, [one.id for one in found], access.member(ctx))
    return [(one, candidates.surely(one, data)) for one in found if one in seen]


async def merge(ctx: Context, kept_id: UUID, merged_id: UUID) -> Merge:
    """All of ``merged_id`` goes to ``kept_id``. Raises CandidateNotFound, InvalidRecruiting, NotReady."""
    kept, merged = await _both(ctx, kept_id, merged_id)
    before: dict[str, Any] = {
        "kept": {name: _plain(getattr(kept, name)) for name in (*_FILLED, "tags", "profile", "keep_until")},
        "ended": await _end_twins(ctx, kept, merged),
    }
    before["filled"] = {name: _plain(getattr(kept, name)) for name in _fill(kept, merged)}
    moved = await queries.hand_over(ctx.session, merged.id, kept.id)
    before["moved"] = {table: [str(one) for one in ids] for table, ids in moved.items()}
    merged.merged_into_id = kept.id
    record = Merge(kept_id=kept.id, merged_id=merged.id, merged_by=ctx.actor.user_id)
    ctx.session.add(record)
    record.before = before
    await ctx.session.flush()
    await candidates.reindex(ctx, kept)
    timeline.add(ctx, "merged", candidate_id=kept.id, data={"name": merged.name, "merge": str(record.id)})
    _record(ctx, "merge", kept, merged)
    return record


async def undo(ctx: Context, merge_id: UUID) -> Merge:
    """Both stand as before, but for what was changed by hand since. Raises CandidateNotFound, NotReady."""
    record = await queries.merge_of(ctx.session, merge_id)
    if record is None or record.undone_at is not None:
        raise NotReady(_("这次合并已经撤销。"))
    await access.candidate_of(ctx, record.kept_id)
    both = await queries.locked(ctx.session, (record.kept_id, record.merged_id))
    kept, merged = both[record.kept_id], both[record.merged_id]
    if kept.merged_into_id is not None:
        raise NotReady(_("{name} 后来又并入了别人，请先撤销那次合并。", name=kept.name))
    before = record.before or {}
    moved = {table: [UUID(one) for one in ids] for table, ids in before["moved"].items()}
    await queries.hand_back(ctx.session, kept.id, merged.id, moved)
    await _revive(ctx, before["ended"])
    for name, value in before["filled"].items():
        if _plain(getattr(kept, name)) == value:
            setattr(kept, name, _typed(name, before["kept"][name]))
    kept.tags = [tag for tag in kept.tags if tag in before["kept"]["tags"] or tag not in merged.tags]
    merged.merged_into_id, record.undone_at = None, datetime.now(UTC)
    await ctx.session.flush()
    for one in (kept, merged):
        await candidates.reindex(ctx, one)
        timeline.add(ctx, "merged", candidate_id=one.id, data={"undone": True})
    _record(ctx, "unmerge", kept, merged)
    return record


async def _both(ctx: Context, kept_id: UUID, merged_id: UUID) -> Sequence[Candidate]:
    if kept_id == merged_id:
        raise InvalidRecruiting(_("请选择另一位候选人。"))
    for one in (kept_id, merged_id):
        await access.candidate_of(ctx, one)
    both = await queries.locked(ctx.session, (kept_id, merged_id))
    if len(both) != 2:
        raise CandidateNotFound(_("没有这位候选人，或者不在您负责的职位里。"))
    if any(one.merged_into_id is not None for one in both.values()):
        raise NotReady(_("其中一位已经并入了别人。"), hint=_("请刷新后再看。"))
    return both[kept_id], both[merged_id]


async def _end_twins(ctx: Context, kept: Candidate, merged: Candidate) -> list[dict[str, str]]:
    """Of two living applications for one job, that of the one who goes is withdrawn as a duplicate."""
    jobs = {one.job_id for one in await queries.live_applications(ctx.session, kept.id)}
    ended = []
    for one in await queries.live_applications(ctx.session, merged.id):
        if one.job_id in jobs:
            ended.append({"id": str(one.id), "state": one.state})
            one.state, one.reason, one.ended_at = "withdrawn", _DUPLICATE, datetime.now(UTC)
    await ctx.session.flush()
    return ended


async def _revive(ctx: Context, ended: Sequence[dict[str, str]]) -> None:
    states = {UUID(one["id"]): one["state"] for one in ended}
    for one in await queries.applications_by_ids(ctx.session, list(states)):
        if one.state == "withdrawn" and one.reason == _DUPLICATE:
            one.state, one.reason, one.ended_at = states[one.id], "", None


def _fill(kept: Candidate, merged: Candidate) -> list[str]:
    """Puts what only ``merged`` knows into ``kept``; answers the names of what was filled."""
    filled = []
    for name in _FILLED:
        if getattr(kept, name) in (None, "") and getattr(merged, name) not in (None, ""):
            setattr(kept, name, getattr(merged, name))
            filled.append(name)
    if msgspec.convert(kept.profile, Profile) == Profile() and merged.profile:
        kept.profile = dict(merged.profile)
        filled.append("profile")
    kept.tags = list(dict.fromkeys([*kept.tags, *merged.tags]))
    kept.keep_until = max(kept.keep_until, merged.keep_until)
    return filled


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value)


def _typed(name: str, value: Any) -> Any:
    kinds: dict[str, Any] = {
        "born_on": date | None,
        "owned_until": date | None,
        "pooled_at": datetime | None,
        "channel_id": UUID | None,
        "agency_id": UUID | None,
    }
    return msgspec.convert(value, kinds[name]) if name in kinds else value


def _record(ctx: Context, act: str, kept: Candidate, merged: Candidate) -> None:
    audit.record(
        ctx,
        f"recruiting.candidate.{act}",
        object_type="recruiting.candidate",
        object_id=kept.id,
        changes={"candidate": (merged.id, kept.id)},
    )
