"""1,000 candidates who choose among the same 200 times at once: each time goes to one of them, the others are told.

Each has a log-in of their own and does what a phone does: opens the page, sends one of the times it shows, and looks at
what is left when somebody was faster. The asking goes on in this process, on the same machine.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

import httpx
from sqlalchemy import func, insert, select

from modules.recruiting.models import Application, Interview, Job, Panelist, Slot
from modules.recruiting.rules.stages import DEFAULT
from ops.bench import bare
from ops.bench.company import Crowd, crowd
from ops.bench.measure import Bench, Result
from ops.bench.pages import WORKERS, served
from ops.bench.pipeline import make_candidates, make_job, until_it_listens
from zhiren import guests
from zhiren.auth.models import User
from zhiren.context import Context
from zhiren.ids import new_id
from zhiren.web.csrf import token_for

CANDIDATES: Final = 1000
SLOTS: Final = 200
#: nobody may wait longer than a page is waited for
WITHIN_S: Final = 60.0
_A_DAY: Final = 8
_ROUND: Final = "r1"
_TIMES: Final = re.compile(r'name="slot" value="([0-9a-f-]{36})"')


class Invited(NamedTuple):
    """Somebody asked to choose, and the token of their log-in."""

    interview_id: UUID
    token: str


async def recruiting_booking(bench: Bench) -> list[Result]:
    """Over HTTP, to two web processes. Raises RuntimeError when a time went to two, to nobody, or somebody was told
    neither yes nor no."""
    people, slots = bench.size(CANDIDATES, 50), bench.size(SLOTS, 10)
    async with crowd(bench, 3) as company:
        async with company.work() as ctx:
            invited = [
                Invited(meeting, await guests.open_session(ctx, "candidate", one, name=""))
                for one, meeting in await _invited(ctx, people, slots)
            ]
        with served(company.settings, "ops.demo.composition") as port:
            await asyncio.to_thread(until_it_listens, port)
            async with _visitors(port, company, people) as http:
                began_s = time.perf_counter()
                ended = await asyncio.gather(
                    *(_book(http, each, Random(number)) for number, each in enumerate(invited))  # noqa: S311 - no secrets
                )
                took_s = time.perf_counter() - began_s
        async with company.work() as ctx:
            await _check(ctx, Counter(one for one, _waited_s, _asked in ended), people, slots)
    waits, asked = sorted(waited_s for _one, waited_s, _asked in ended), sum(asked for *_others, asked in ended)
    what = (
        f"{people:,} people, {slots} times, {WORKERS} processes: {slots} booked, none twice, {people - slots} told;"
        f" {asked:,} requests in {took_s:.1f} s, the last answer after {waits[-1]:.1f} s"
    )
    return [Result("booking at once, all within 60 s", took_s / WITHIN_S, 1.0, what)]


def _visitors(port: int, company: Crowd, people: int) -> httpx.AsyncClient:
    nobodys = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # each sends their own
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Host": f"{bare.SLUG}.{company.settings.base_domain}", "Accept": "text/html"},
        cookies=nobodys,
        limits=httpx.Limits(max_connections=people),
        timeout=600,
    )


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


async def _book(http: httpx.AsyncClient, one: Invited, chance: Random) -> tuple[str, float, int]:
    """What came of it, after how many seconds, in how many requests."""
    began_s, asked, page = time.perf_counter(), 0, ""
    path = f"/portal/interviews/{one.interview_id}"
    headers = {"Cookie": f"zhiren_guest_candidate={one.token}", "X-CSRF-Token": token_for(one.token)}
    while True:
        asked += 1
        if not page:
            answer = await http.get(path, headers=headers)
        elif left := _TIMES.findall(page):
            answer = await http.post(f"{path}/choose", data={"slot": chance.choice(left)}, headers=headers)
        else:
            return "told", time.perf_counter() - began_s, asked
        match answer.status_code:
            case 303:
                return "booked", time.perf_counter() - began_s, asked
            case 200 | 409:  # somebody was faster: the page says so, and shows what is left
                page = answer.text
            case 503:  # no connection to the database was free in time
                page = ""
                await asyncio.sleep(chance.random())
            case status:
                raise RuntimeError(f"{path}: {status}")


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
