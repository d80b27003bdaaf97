"""A candidate's data taken away for good, with proof (PIPL article 47).

What stays are figures without a person: that somebody applied for a job, the stages and dates. Employees' records
are records' own; the letter and the evidence of an accepted offer stay as long as labour law asks for them.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Candidate, Erasure
from modules.recruiting.repository import erasing as queries
from zhiren import audit, files, guests
from zhiren.clock import today
from zhiren.context import Context
from zhiren.events import emit
from zhiren.i18n import _

KIND = "candidate"
#: rooms of ``zhiren.files`` that hold what candidates gave
ROOMS = ("recruiting.resume", "recruiting.paper")


def not_confirmed() -> InvalidRecruiting:
    return InvalidRecruiting(_("请输入您的姓名以确认删除。"), fields={"confirm": _("与您的姓名不一致")})


async def erase(ctx: Context, candidate: Candidate, *, cause: str) -> Erasure:
    """Ends what is alive, empties every row about the person, answers the proof. ``cause``: asked, expired, admin."""
    candidate_id = candidate.id
    counts = await queries.end_live(ctx.session, candidate_id, datetime.now(UTC))
    for room, file_id in await queries.file_ids(ctx.session, candidate_id):
        await files.erase(ctx, file_id, room=room)
        counts["files"] = counts.get("files", 0) + 1
    counts |= await queries.empty(ctx.session, candidate_id)
    counts["sessions"] = await guests.end_sessions(ctx, KIND, candidate_id)
    at = datetime.now(UTC)
    statement = {"subject": str(candidate_id), "cause": cause, "counts": counts, "at": at.isoformat()}
    proof = Erasure(
        subject_bidx=ctx.keyring.blind("recruiting.erasure", str(candidate_id)),
        cause=cause,
        counts=counts,
        sha256=hashlib.sha256(msgspec.json.encode(statement, order="sorted")).hexdigest(),
        erased_at=at,
    )
    ctx.session.add(proof)
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.candidate.erase",
        object_type="recruiting.candidate",
        object_id=candidate_id,
        fields=sorted(counts),
        reason=cause,
    )
    await emit(ctx, "recruiting.candidate.erased", {"candidate_id": str(candidate_id)})
    return proof


async def expire(ctx: Context) -> int:
    """Whose time is over and who has nothing alive here, hourly, some hundred at a time; answers how many."""
    found = await queries.expired(ctx.session, today())
    for candidate in found:
        await erase(ctx, candidate, cause="expired")
    return len(found)
