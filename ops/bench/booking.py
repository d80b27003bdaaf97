"""1,000 candidates who choose among the same 200 times at once: each time goes to one of them, the others are told."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import func, insert, select

from modules.recruiting.errors import SlotTaken
from modules.recruiting.models import Application, Interview, Job, Panelist, Slot
from modules.recruiting.repository import interviews as queries
from modules.recruiting.rules.stages import DEFAULT
from modules.recruiting.service import interviews
from ops.bench.company import Crowd, crowd
from ops.bench.measure import Bench, Result
from ops.bench.pipeline import make_candidates, make_job
from zhiren.auth.models import User
from zhiren.context import Actor, Context, Guest
from zhiren.errors import Unavailable
from zhiren.ids import new_id

CANDIDATES: Final = 1000
SLOTS: Final = 200
#: nobody may wait longer than a page is waited for
WITHIN_S: Final = 60.0
#: connections to the database, as of two processes
CONNECTIONS: Final = 20
_A_DAY: Final = 8
_ROUND: Final = "r1"


async def recruiting_booking(bench: Bench) -> list[Result]:
    """By the portal's own steps, each candidate's every try a transaction of its own. Raises RuntimeError when a time
    went to two, to nobody, or somebody was told neither yes nor no."""
    people, slots = bench.size(CANDIDATES, 50), bench.size(SLOTS, 10)
    async with crowd(bench, 3, connections=CONNECTIONS) as company:
        async with company.work() as ctx:
            wanted = await _invited(ctx, people, slots)
        began_s = time.perf_counter()
        ended = await asyncio.gather(
            *(_book(company, *each, Random(number)) for number, each in enumerate(wanted))  # noqa: S311 - no secrets
        )
        took_s = time.perf_counter() - began_s
        async with company.work() as ctx:
            await _check(ctx, Counter(one for one, _waited_s, _tries in ended), people, slots)
    waits, tries = sorted(waited_s for _one, waited_s, _tries in ended), sum(tries for *_others, tries in ended)
    what = (
        f"{people:,} people, {slots} times, {CONNECTIONS} connections: {slots} booked, none twice, {people - slots}"
        f" told; {tries:,} tries in {took_s:.1f} s, the last answer after {waits[-1]:.1f} s"
    )
    return [Result("booking at once, all within 60 s", took_s / WITHIN_S, 1.0, what)]


async def _invited(ctx: Context, people: int, slots: int) -> list[tuple[UUID, UUID]]:
    """(candidate, interview) of everybody asked to choose from the times open to a round."""
    panel = await _panel(ctx, -(-slots // (5 * _A_DAY)))
    job = await make_job(ctx)
    await _open(ctx, job, panel, slots)
    candidates = await make_candidates(ctx, people)
    stage = next(one for one in DEFAULT if one.kind == "interview")
    applications = [
        {"id": new_id(), "candidate_id": one, "job_id": job.id, "stage": stage.code, "stage_kind": stage.kind}
        for one in candidates
    ]
    ids = [new_id() for _one in candidates]
    meetings = [
        {"id": each, "application_id": one["id"], "round": _ROUND, "name": "初试", "uid": f"{each}@bench"}
        for each, one in zip(ids, applications, strict=True)
    ]
    seats = [{"id": new_id(), "interview_id": each, "user_id": panel[0], "role": "lead"} for each in ids]
    await ctx.session.execute(insert(Application), applications)
    await ctx.session.execute(insert(Interview), meetings)
    await ctx.session.execute(insert(Panelist), seats)
    return list(zip(candidates, ids, strict=True))


async def _panel(ctx: Context, count: int) -> list[UUID]:
    # no hash of a password: nobody logs in so
    users = [User(login=f"panel-{number}", name=f"面试官{number}", password_hash="") for number in range(count)]
    ctx.session.add_all(users)
    await ctx.session.flush()
    return [user.id for user in users]


async def _open(ctx: Context, job: Job, panel: Sequence[UUID], slots: int) -> None:
    """Times of one interviewer each, none of whom has two at once."""
    first = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=2)
    rows = []
    for number in range(slots):
        at, seat = divmod(number, len(panel))
        starts_at = first + timedelta(days=at // _A_DAY, hours=at % _A_DAY)
        rows.append(
            {
                "id": new_id(),
                "job_id": job.id,
                "round": _ROUND,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=45),
                "panel_ids": [panel[seat]],
            }
        )
    await ctx.session.execute(insert(Slot), rows)


async def _book(company: Crowd, candidate_id: UUID, interview_id: UUID, chance: Random) -> tuple[str, float, int]:
    """What came of it, after how many seconds, in how many tries: looks, takes one of what is left, looks again."""
    began_s, tries = time.perf_counter(), 0
    guest = Actor(user_id=None, name="", kind="guest", guest=Guest("candidate", candidate_id))
    modules = frozenset(module.name for module in company.parts.modules)
    while True:
        tries += 1
        try:
            async with company.parts.database.tenant(company.tenant, actor=guest, modules=modules) as ctx:
                meeting = await interviews.of_candidate(ctx, interview_id, candidate_id, lock=True)
                left = await queries.choices(ctx.session, meeting.interview, meeting.job.id, datetime.now(UTC))
                if not left:
                    return "told", time.perf_counter() - began_s, tries
                await interviews.choose(ctx, meeting, chance.choice(left).id)
            return "booked", time.perf_counter() - began_s, tries
        except (SlotTaken, Unavailable):
            # somebody was faster, or no connection was free in time: the page says so, and shows what is left
            continue


async def _check(ctx: Context, ended: Counter[str], people: int, slots: int) -> None:
    """What is in the database, beside what each was told."""
    holds = select(
        func.count(Slot.id),
        func.count(func.distinct(Interview.id)).filter(
            Interview.state == "booked", Interview.starts_at == Slot.starts_at
        ),
        func.count(func.distinct(Application.candidate_id)),
    )
    held = holds.join(Interview, Interview.id == Slot.interview_id).join(
        Application, Application.id == Interview.application_id
    )
    taken, booked, persons = (await ctx.session.execute(held)).one()
    states = await ctx.session.scalar(select(func.count(Interview.id)).where(Interview.state == "booked"))
    found = (taken, booked, persons, states, ended["booked"], ended["told"])
    if found != (slots, slots, slots, slots, slots, people - slots):
        raise RuntimeError(f"taken, booked, persons, interviews, told yes, told no: {found} of {slots} among {people}")


MEASURES = [recruiting_booking]
