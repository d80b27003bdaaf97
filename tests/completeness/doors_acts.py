"""Acts of colleagues who recommend, of the queue of a hiring day, and on times open to a round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from modules.recruiting.models import Interview, Slot
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.core import Case
from modules.recruiting.rules.rewards import RewardRule
from modules.recruiting.service import queue, rewards
from tests.completeness.stage import Acts, Ready, Stage, form
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.clock import today
from zhiren.context import Context
from zhiren.ids import new_id

REFERRALS = "/recruiting/referrals"


async def recommend(stage: Stage) -> Ready:
    person = await stage.as_role("employee")
    job = await stage.in_tenant(make_job)
    mobile = f"135{int(new_id().hex[-7:], 16) % 10**8:08d}"
    return form(person.client, f"{REFERRALS}/jobs/{job.id}", act="send", name="某人", mobile=mobile, consent="1")


async def a_reward(ctx: Context) -> UUID:
    job, candidate = await make_job(ctx), await make_candidate(ctx)
    application = await make_application(ctx, job=job, candidate=candidate)
    await rewards.save_rule(ctx, job, RewardRule(interviewed=50_000))
    await rewards.promise(ctx, *Case(application, candidate, job), new_id())
    ctx.session.add(Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), state="done"))
    return application.id


async def pay(stage: Stage) -> Ready:
    person = await stage.as_role("hr")
    return form(person.client, f"{REFERRALS}/rewards/{await stage.in_tenant(a_reward)}/pay", milestone="interviewed")


async def rule(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, f"{REFERRALS}/rules", joined="2000", months="3")


async def who_came(ctx: Context) -> UUID:
    now = datetime.now(UTC)
    application = await make_application(ctx)
    interview = Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), mode="onsite")
    interview.state, interview.starts_at, interview.ends_at = "booked", now, now + timedelta(minutes=30)
    ctx.session.add(interview)
    await ctx.session.flush()
    return interview.id


async def waits(ctx: Context) -> None:
    meeting = await queries.meeting(ctx.session, await who_came(ctx))
    assert meeting is not None
    await queue.check_in(ctx, meeting)


async def call(stage: Stage) -> Ready:
    await stage.in_tenant(waits)
    return form((await stage.as_role("hr")).client, "/recruiting/queue/call", desk="3 号桌")


async def check_in(stage: Stage) -> Ready:
    found = await stage.in_tenant(who_came)
    return form((await stage.as_role("hr")).client, f"/recruiting/queue/{found}/check-in", desk="")


async def times_of(stage: Stage, act: str, **fields: str) -> Ready:
    """An act on the times of a new job, of which one is open."""
    person = await stage.as_role("hr")
    job = await stage.in_tenant(make_job)
    application = await stage.in_tenant(lambda ctx: make_application(ctx, job=job))

    async def one(ctx: Context) -> UUID:
        begin = datetime.now(UTC) + timedelta(days=2)
        slot = Slot(job_id=job.id, round="r1", starts_at=begin, ends_at=begin + timedelta(minutes=30))
        slot.panel_ids = [person.user_id]
        ctx.session.add(slot)
        await ctx.session.flush()
        return slot.id

    fields |= {"slot": str(await stage.in_tenant(one)), "panel": str(person.user_id)}
    fields |= {"application": str(application.id), "round": "r1"}
    return form(person.client, f"/recruiting/jobs/{job.id}/times{act}", **fields)


async def open_times(stage: Stage) -> Ready:
    day = (today() + timedelta(days=9)).isoformat()
    return await times_of(stage, "", day=day, begin="09:00", until="10:00", minutes="30", pause="0")


async def close_times(stage: Stage) -> Ready:
    return await times_of(stage, "/close")


async def invite(stage: Stage) -> Ready:
    return await times_of(stage, "/invite", days="3")


TIMES = "POST /recruiting/jobs/{job_id}/times"
ACTS: Acts = {
    TIMES: open_times,
    f"{TIMES}/close": close_times,
    f"{TIMES}/invite": invite,
    "POST /recruiting/queue/call": call,
    "POST /recruiting/queue/{interview_id}/{act}": check_in,
    f"POST {REFERRALS}/jobs/{{job_id}}": recommend,
    f"POST {REFERRALS}/rewards/{{application_id}}/pay": pay,
    f"POST {REFERRALS}/rules": rule,
}
