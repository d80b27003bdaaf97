"""Acts on interviews: planning, setting the time, calling off, closing, judging."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from modules.recruiting.models import Interview, Panelist
from modules.recruiting.service import interviews
from tests.completeness.stage import Act, Acts, Ready, Stage, form
from tests.factories.recruiting import make_application
from zhiren.clock import CHINA
from zhiren.context import Context
from zhiren.ids import new_id

_hour = iter(range(24, 10_000))
ONE = "/recruiting/interviews/{interview_id}"


def later() -> datetime:
    """A time that no act has used."""
    return datetime.now(CHINA).replace(minute=0, second=0, microsecond=0) + timedelta(hours=next(_hour))


async def an_interview(ctx: Context, user_id: UUID, *, booked: bool) -> UUID:
    application = await make_application(ctx)
    interview = Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), mode="phone")
    ctx.session.add_all([interview, Panelist(interview_id=interview.id, user_id=user_id)])
    await ctx.session.flush()
    if booked:
        meeting = await interviews.queries.meeting(ctx.session, interview.id)
        assert meeting is not None
        await interviews.set_time(ctx, meeting, later())
    return interview.id


def act(name: str, *, booked: bool = True, **fields: str) -> Act:
    async def ready(stage: Stage) -> Ready:
        person = await stage.as_role("hr")
        found = await stage.in_tenant(lambda ctx: an_interview(ctx, person.user_id, booked=booked))
        return form(person.client, f"/recruiting/interviews/{found}/{name}", **fields)

    return ready


async def plan(stage: Stage) -> Ready:
    person = await stage.as_role("hr")
    application = await stage.in_tenant(make_application)
    fields = {"act": "set", "panel": str(person.user_id), "mode": "phone", "time": later().isoformat()}
    return form(person.client, f"/recruiting/applications/{application.id}/interview", **fields)


async def move(stage: Stage) -> Ready:
    return await act("time", time=later().isoformat())(stage)


ACTS: Acts = {
    "POST /recruiting/applications/{application_id}/interview": plan,
    f"POST {ONE}/cancel": act("cancel", message="职位已招满。"),
    f"POST {ONE}/close": act("close", state="done"),
    f"POST {ONE}/scorecard": act("scorecard", verdict="yes", summary="讲清楚了自己做的系统，有数字。"),
    f"POST {ONE}/time": move,
}
