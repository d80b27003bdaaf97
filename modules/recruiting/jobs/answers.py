"""What people's calendars answered to interviews, by mail or in the product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from modules.recruiting.repository import interviews as queries
from modules.recruiting.service import invitations, people
from zhiren import calendar
from zhiren.context import Context


async def heard(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Marks the answer on the interview; a refusal is told to who planned it. An answer to an earlier time is over."""
    if payload.get("about_type") != invitations.ABOUT:
        return
    meeting = await queries.meeting(ctx.session, UUID(payload["about_id"]), lock=True)
    holder_id, said = UUID(payload["holder_id"]), str(payload["answer"])
    if meeting is None or meeting.interview.state != "booked" or payload["sequence"] != meeting.interview.sequence:
        return
    if payload["holder_kind"] == "guest":
        meeting.interview.answer, who = said, meeting.candidate.name
    else:
        panelist = await queries.panelist(ctx.session, meeting.interview.id, holder_id)
        if panelist is None:
            return
        panelist.answer = said
        who = next((one.name for one in await people.colleagues(ctx, [holder_id])), "")
    await ctx.session.flush()
    if said == "declined":
        await invitations.declined(ctx, meeting, who, holder_id)


EVENT_HANDLERS: Final = ((calendar.ANSWERED, heard),)
