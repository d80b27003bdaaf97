"""What is done every hour: reminders of interviews, offers whose time is over, data that are kept no longer, rewards
that fell due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from modules.recruiting.repository import interviews as queries
from modules.recruiting.service import erasure, invitations, offers, rewards
from zhiren.context import Context

#: an interview is reminded of once, when it is not further away than this
AHEAD: Final = timedelta(hours=24)


async def remind_of_interviews(ctx: Context) -> int:
    """Candidates and panels of the coming day; answers how many interviews."""
    now = datetime.now(UTC)
    found = await queries.unreminded(ctx.session, now, now + AHEAD)
    for interview_id in found:
        meeting = await queries.meeting(ctx.session, interview_id, lock=True)
        if meeting is None or meeting.interview.reminded_at is not None:
            continue
        await invitations.remind(ctx, meeting)
        meeting.interview.reminded_at = now
    await ctx.session.flush()
    return len(found)


async def expire_offers(ctx: Context) -> int:
    return await offers.expire(ctx)


async def forget_candidates(ctx: Context) -> int:
    return await erasure.expire(ctx)


async def tell_of_rewards(ctx: Context) -> int:
    return await rewards.tell_of_due(ctx)


HOUSEKEEPING = (remind_of_interviews, expire_offers, forget_candidates, tell_of_rewards)
