"""Figures of a small house, each worked out by hand."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.recruiting import repository
from modules.recruiting.models import Application, Candidate, Channel, Interview, Job, Offer, Onboarding, Panelist
from modules.recruiting.repository.analytics import Choice, Those
from modules.recruiting.rules.analytics import Card, judges, kept, months_later, wilson
from modules.recruiting.service import analytics, applications, timeline
from tests.factories.records import company, granted
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.clock import today
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def test_wilson_is_what_the_literature_says() -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3: 81 of 263 and 15 of 148."""
    assert [round(x, 4) for x in wilson(81, 263)[2:]] == [0.2553, 0.3662]
    assert [round(x, 4) for x in wilson(15, 148)[2:]] == [0.0624, 0.1605]
    assert wilson(0, 0) == (0, 0, 0.0, 1.0)
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_wilson_holds_the_share_and_mirrors(part: int, rest: int) -> None:
    share, other = wilson(part, part + rest), wilson(rest, part + rest)
    assert 0 <= share.low <= share.high <= 1
    if share.whole:
        assert share.low <= part / share.whole <= share.high
        assert share.low == pytest.approx(1 - other.high)
        more = wilson(part * 4, share.whole * 4)
        assert more.high - more.low < share.high - share.low


def test_months_and_staying() -> None:
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 1, 1), -11) == date(2025, 2, 1)
    hired, now = date(2026, 1, 31), date(2026, 6, 1)
    assert kept(hired, None, 3, now) is True
    assert kept(hired, date(2026, 3, 1), 3, now) is False
    assert kept(hired, None, 6, now) is None
    assert kept(hired, date(2026, 5, 1), 6, now) is False


def test_judges_beside_their_panel() -> None:
    first, second = UUID(int=10), UUID(int=11)
    found = judges(
        [
            Card(first, A, True, True),
            Card(first, B, False, True),
            Card(first, C, False, True),
            Card(second, A, True, None),
            Card(second, B, True, None),
        ]
    )
    assert (found[A].interviews, found[A].yes[:2], found[A].others_yes[:2]) == (2, (2, 2), (1, 3))
    assert (found[A].agreed[:2], found[A].lasting[:2]) == ((1, 2), (1, 1))
    # B in the first: the others are one for, one against, a tie, which is left out
    assert (found[B].agreed[:2], found[B].lasting[:2]) == ((1, 1), (0, 0))


@pytest.fixture
def acting(ctx: Context) -> Context:
    return ctx.with_actor(granted("recruiting.hire", "recruiting.manage", "recruiting.analytics"))


def this_month() -> Choice:
    first = today().replace(day=1)
    return Choice(since=first, until=months_later(first, 1))


async def test_figures_of_a_house_known_by_hand(acting: Context) -> None:
    """Four applied: one stays new, one was interviewed and rejected, one did not turn up, one is hired."""
    channel = Channel(name="校招网站", kind="board", code="campus-x", costs={f"{today():%Y-%m}": 300_000})
    acting.session.add(channel)
    await acting.session.flush()
    job = await make_job(acting)
    await make_application(acting, job=job, candidate=await make_candidate(acting, name="甲"))
    for name, state, interview in (("乙", "rejected", "done"), ("丙", "withdrawn", "no_show"), ("丁", "hired", "done")):
        candidate = await make_candidate(acting, name=name)
        one = await make_application(acting, job=job, candidate=candidate, stage="interview", channel_id=channel.id)
        at = datetime.combine(today(), datetime.min.time(), UTC) + timedelta(hours=2)
        meeting = Interview(
            application_id=one.id, round="r1", name="初试", state=interview, uid=str(new_id()),
            starts_at=at, ends_at=at + timedelta(hours=1),
        )  # fmt: skip
        acting.session.add(meeting)
        await acting.session.flush()
        now = datetime.now(UTC)
        if interview == "done":
            verdict = "yes" if name == "丁" else "no"
            acting.session.add(Panelist(interview_id=meeting.id, user_id=A, verdict=verdict, submitted_at=now))
            acting.session.add(
                Panelist(interview_id=meeting.id, user_id=B, verdict="yes", submitted_at=now if name == "丁" else None)
            )
        reason = {"rejected": "skills", "withdrawn": "gave_up", "hired": ""}[state]
        await applications.end(acting, repository.Case(one, candidate, job), state, reason=reason)
        if name == "丁":
            timeline.add(acting, "survey", candidate_id=candidate.id, application_id=one.id, data={"score": 5})
    await acting.session.flush()
    found = {one.code: one for one in await analytics.sheets(acting, this_month())}
    said = {code: [(name, [cell.text for cell in cells]) for name, cells in one.rows] for code, one in found.items()}
    assert [cells[0] for _name, cells in said["funnel"]] == ["4", "3", "3", "1", "1", "1"]
    assert said["funnel"][5][1] == ["1", "1/1 (21%–100%)", "1/4 (5%–70%)"]
    assert said["funnel"][2][1][2] == "3/4 (30%–95%)"
    assert said["channel"][0] == ("校招网站", ["3", "3", "1", "1", "1/3 (6%–79%)"])
    assert said["cost"] == [("校招网站", ["3,000.00", "1", "3,000.00"])]
    assert said["hour"] == [("10:00", ["3", "2/3 (21%–94%)", "1/2 (9%–91%)"])]
    assert sorted(name.split(" · ")[1] for name, _cells in said["ended"]) == ["候选人放弃", "技能与职位不符"]
    assert said["survey"][0] == ("5 分", ["1", "1/1 (21%–100%)"])
    # the interview with a scorecard outstanding tells nothing of what was said in it
    assert [cells[0] for _name, cells in said["interviewers"]] == ["1", "1"]
    assert [row[1][0] for row in said["stays"]] == ["3", "3"]
    for those, names in (
        (Those(reached=5), {"丁"}),
        (Those(reached=2), {"乙", "丙", "丁"}),
        (Those(stage="interview", reason="skills"), {"乙"}),
        (Those(score=5), {"丁"}),
        (Those(hour=10), {"乙", "丙", "丁"}),
        (Those(hour=11), set()),
        (Those(interviewer=A), {"丁"}),
    ):
        assert {row.name for row in await analytics.behind(acting, this_month(), those)} == names


async def _met(
    ctx: Context, application: Application, *cards: tuple[UUID, str | None], state: str = "done", day: int = 0
) -> None:
    """An interview at ten in the morning; a verdict of None is a scorecard that is not in."""
    at = datetime.combine(today() - timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=2)
    meeting = Interview(
        application_id=application.id, round="r1", name="初试", state=state, uid=str(new_id()),
        starts_at=at, ends_at=at + timedelta(hours=1),
    )  # fmt: skip
    ctx.session.add(meeting)
    await ctx.session.flush()
    now = datetime.now(UTC)
    for user_id, verdict in cards:
        submitted_at = now if verdict else None
        ctx.session.add(Panelist(interview_id=meeting.id, user_id=user_id, verdict=verdict, submitted_at=submitted_at))
    await ctx.session.flush()


async def _hired(ctx: Context, application: Application, job: Job, employee_id: UUID | None) -> None:
    candidate = await ctx.session.get_one(Candidate, application.candidate_id)
    await applications.end(ctx, repository.Case(application, candidate, job), "hired")
    offer = Offer(
        application_id=application.id, number=f"O-{new_id().hex[-8:]}", state="accepted", title=job.title,
        unit_id=job.unit_id, start_on=today(),
    )  # fmt: skip
    ctx.session.add(offer)
    await ctx.session.flush()
    arrival = Onboarding(offer_id=offer.id, application_id=application.id, candidate_id=candidate.id, start_on=today())
    arrival.employee_id = employee_id
    ctx.session.add(arrival)
    await ctx.session.flush()


async def test_every_figure_lists_as_many_as_it_counts(acting: Context) -> None:
    """Two interviews of one person, scorecards outstanding, hires who are not in records, people of no channel."""
    ctx = acting.with_actor(
        granted(
            *("recruiting.hire", "recruiting.manage", "recruiting.analytics", "records.employee.edit"),
            *("records.employee.read", "records.org.edit", "records.org.read"),
        )
    )
    house = await company(ctx)
    channel = Channel(name="内部推荐", kind="board", code="inside", costs={f"{today():%Y-%m}": 90_000})
    ctx.session.add(channel)
    await ctx.session.flush()
    job, other = await make_job(ctx), await make_job(ctx, title="前端工程师")
    for number in range(4):
        place = job if number % 2 else other
        from_channel = channel.id if number < 2 else None
        one = await make_application(ctx, job=place, stage="interview", channel_id=from_channel)
        await _met(ctx, one, (A, "yes"), (B, "no"), day=number)
        await _met(ctx, one, (A, "no"), (B, None), day=number)
        await _met(ctx, one, (A, "yes"))
        await _met(ctx, one, state="no_show")
        if number:
            employee = await house.hire("新人", number=f"N-{number}") if number > 1 else None
            await _hired(ctx, one, place, employee.id if employee else None)
        timeline.add(
            ctx, "survey", candidate_id=one.candidate_id, application_id=one.id, data={"score": 3 + number % 2}
        )
    gone = await make_application(ctx, job=job, stage="screening")
    candidate = await ctx.session.get_one(Candidate, gone.candidate_id)
    await applications.end(ctx, repository.Case(gone, candidate, job), "rejected", reason="skills")
    await ctx.session.flush()
    choice = await analytics.choice_of(ctx, this_month(), None)
    counted: dict[str, int] = {}
    for sheet in await analytics.sheets(ctx, choice):
        for name, cells in sheet.rows:
            for cell in cells:
                if cell.link is None:
                    continue
                people = await analytics.behind(ctx, choice, msgspec.convert(cell.link, Those, strict=False))
                assert len(people) == cell.value, (sheet.code, name, cell)
                counted[sheet.code] = counted.get(sheet.code, 0) + len(people)
    assert counted.keys() == {
        *("funnel", "job", "channel", "month", "stays", "hire", "cost", "quality"),
        *("interviewers", "hour", "weekday", "ended", "survey"),
    }
    # A judged in two of the three interviews of each person: of the third a scorecard is not in
    assert (counted["interviewers"], counted["hour"]) == (4 * 3, 4 * 4)
    assert counted["quality"] == 2


async def test_others_jobs_count_for_nobody_else(acting: Context) -> None:
    await make_application(acting, job=await make_job(acting, owner_id=new_id()))
    assert await analytics.sheets(acting, await analytics.choice_of(acting, this_month(), None))
    stranger = acting.with_actor(granted("recruiting.hire", "recruiting.analytics"))
    choice = await analytics.choice_of(stranger, this_month(), None)
    assert await analytics.sheets(stranger, choice) == []
    assert await analytics.behind(stranger, choice, Those(reached=0)) == []


async def committed(database: Database, tenant: TenantRef, make: Callable[[Context], Awaitable[Any]]) -> Any:
    async with database.tenant(tenant) as ctx:
        return await make(ctx)


async def test_pages_and_the_spreadsheet(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    client = await login_as("hr")
    empty = await client.get("/recruiting/analytics?from=2019-01&to=2019-02")
    assert empty.status_code == 200
    assert "这些月份没有人应聘" in empty.text

    async def make(ctx: Context) -> None:
        await make_application(ctx, candidate=await make_candidate(ctx, name="欧阳数"))

    await committed(database, tenant, make)
    shown = await client.get("/recruiting/analytics")
    assert shown.status_code == 200
    assert "样本少" in shown.text
    people = re.search(r'href="(/recruiting/analytics/people\?[^"]*reached=0[^"]*)"', shown.text)
    assert people
    assert "欧阳数" in (await client.get(html.unescape(people[1]))).text
    assert (await client.get("/recruiting/analytics/people?reached=x")).status_code == 422
    file = await client.get("/recruiting/analytics/export/funnel")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(file.content)).active
    heads, first = list(sheet.values)[:2]
    assert heads[:4] == ("阶段", "到过的人数", "占上一阶段", "占上一阶段：总数")
    # numbers to calculate with, not texts of them
    assert isinstance(first[1], int)
    assert (first[2], first[3]) == (1, first[1])
    assert 0 < first[4] < 1 == first[5]
    assert sheet["C2"].number_format == "0.0%"
    assert (await client.get("/recruiting/analytics/export/none")).status_code == 404
