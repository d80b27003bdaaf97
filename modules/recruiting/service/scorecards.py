"""What interviewers thought: written by each alone, seen by the others once they have written theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting, NotReady, NotYours
from modules.recruiting.models import Panelist
from modules.recruiting.models.meetings import VERDICTS
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.rules import scorecards as rules
from modules.recruiting.service import access, timeline
from modules.recruiting.shapes import Criterion
from zhiren import audit
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.i18n import _


class Card(msgspec.Struct, frozen=True):
    """One interviewer's card, as far as the reader may see it."""

    user_id: UUID
    name: str
    role: str
    submitted_at: datetime | None
    #: False where it exists and the reader has not given their own yet
    visible: bool
    verdict: str = ""
    scores: Mapping[str, int] = {}
    summary: str = ""
    private: str = ""


async def cards(ctx: Context, meeting: Meeting) -> list[Card]:
    """Everybody's cards. A panelist sees others' only after giving their own, whatever else they may do here."""
    rows = await queries.panel(ctx.session, [meeting.interview.id])
    names = await directory.user_refs(ctx, [row.user_id for row in rows])
    own = next((row for row in rows if row.user_id == ctx.actor.user_id and row.role != "observer"), None)
    waits = own is not None and own.submitted_at is None
    found = []
    for row in rows:
        mine = row is own
        visible = mine or (not waits and (own is not None or access.hires_for(ctx, meeting.job)))
        found.append(_card(row, names[row.user_id].name if row.user_id in names else "", visible=visible, own=mine))
    return found


def _card(row: Panelist, name: str, *, visible: bool, own: bool) -> Card:
    if row.submitted_at is None or not visible:
        return Card(row.user_id, name, row.role, row.submitted_at, visible=visible)
    notes = row.notes or {}
    return Card(
        row.user_id,
        name,
        row.role,
        row.submitted_at,
        visible=True,
        verdict=row.verdict or "",
        scores=row.scores or {},
        summary=str(notes.get("summary", "")),
        private=str(notes.get("private", "")) if own else "",
    )


async def submit(
    ctx: Context,
    meeting: Meeting,
    *,
    verdict: str,
    scores: Mapping[str, int],
    summary: str,
    private: str = "",
    criteria: tuple[Criterion, ...] = (),
) -> None:
    """Gives the reader's own card, or corrects it: a correction is told in the timeline. Raises NotYours, NotReady,
    InvalidRecruiting."""
    me = ctx.actor.user_id
    row = await queries.panelist(ctx.session, meeting.interview.id, me) if me else None
    if row is None or row.role == "observer":
        raise NotYours(_("只有这场面试的面试官可以评价。"))
    if meeting.interview.state not in ("booked", "done"):
        raise NotReady(_("这场面试没有进行，不能评价。"))
    faults = rules.faults(verdict, scores, summary, criteria)
    if verdict not in VERDICTS or faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    again = row.submitted_at is not None
    row.verdict, row.scores = verdict, dict(scores)
    row.notes = {"summary": summary, "private": private}
    row.submitted_at = datetime.now(UTC)
    await ctx.session.flush()
    # what was thought stays in the card: the timeline says that it was given
    timeline.add(
        ctx,
        "scorecard",
        candidate_id=meeting.candidate.id,
        application_id=meeting.application.id,
        data={"interview_id": str(meeting.interview.id), "round": meeting.interview.name, "again": again},
    )
    audit.record(
        ctx,
        "recruiting.scorecard.correct" if again else "recruiting.scorecard.submit",
        object_type="recruiting.interview",
        object_id=meeting.interview.id,
        fields=["verdict", "scores", "notes"],
    )
