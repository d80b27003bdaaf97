"""How the other doors look: agencies, colleagues who recommend, the queue of a hiring day, times open to a round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from sqlalchemy import select

from modules.recruiting.models import Agency, AgencyMember, Interview
from modules.recruiting.rules.rewards import RewardRule
from modules.recruiting.service import opentimes, rewards
from modules.recruiting.shapes import Round
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.tour import logged_in, tour
from tests.browser.toured import unvisited
from tests.factories.records import company
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren import guests
from zhiren.auth.models import User
from zhiren.clock import today
from zhiren.ids import new_id
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("doors", "门户公司", 10)
PARTS = ("site", "agency", "office", "candidate")


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, Mapping[str, str]]:
    """Addresses by name for each kind of reader, and the guests' cookies under ``cookies``."""
    tenant = await house.move_in(HERE)
    visitors: list[tuple[UUID, str]] = []
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        hr = await ctx.session.scalar(select(User).where(User.login == "hr"))
        assert hr is not None
        firm = await company(ctx)
        agency = Agency(name="远帆猎头", terms="入职满三个月后付款。")
        ctx.session.add(agency)
        await ctx.session.flush()
        member = AgencyMember(agency_id=agency.id, name="王顾问")
        member.mail = "wang@agency.test"
        ctx.session.add(member)
        job = await make_job(
            ctx,
            title="嵌入式软件工程师",
            owner_id=hr.id,
            unit_id=firm.units["总部"].id,
            agency_ids=[agency.id],
            duties="负责控制器软件的设计、编码和测试。",
            requirements="三年以上 C 语言经验。",
            salary_text="15,000–25,000 元/月",
        )
        for name, stage in (("欧阳修远", "interview"), ("林一", "")):
            candidate = await make_candidate(
                ctx, name=name, agency_id=agency.id, owned_until=today() + timedelta(days=60)
            )
            await make_application(ctx, job=job, candidate=candidate, stage=stage, agency_id=agency.id)
        await rewards.save_rule(ctx, job, RewardRule(interviewed=50_000, joined=300_000, passed=200_000, months=6))
        for name, state in (("慕容晓", "done"), ("李默", "proposed")):
            candidate = await make_candidate(ctx, name=name)
            application = await make_application(ctx, job=job, candidate=candidate, stage="interview")
            await rewards.promise(ctx, application, candidate, job, hr.id)
            met = Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), state=state)
            ctx.session.add(met)
        now = datetime.now(UTC)
        begin = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        starts = [begin + timedelta(minutes=45 * n) for n in range(4)]
        await opentimes.add(ctx, job, Round(code="r1", name="初试"), starts, [hr.id])
        for number, name in enumerate(("王小明", "欧阳震华", "钟离春", "Peter Smith")):
            application = await make_application(ctx, job=job, candidate=await make_candidate(ctx, name=name))
            met = Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), mode="onsite")
            met.state, met.starts_at, met.ends_at = "booked", now, now + timedelta(minutes=30)
            if number:
                met.queue_day, met.queue_number, met.queue_desk = today(), number, "3 号桌"
                met.queue_state = ("waiting", "called", "missed")[number - 1]
            ctx.session.add(met)
            await ctx.session.flush()
            if number < 2:
                visitors.append((met.id, await guests.open_session(ctx, "candidate", application.candidate_id)))
        await ctx.session.flush()
        token = await guests.open_session(ctx, "agency", member.id)
        return {
            "cookies": {"agency": token, "candidate": visitors[1][1]},
            "candidate": {"portal-queue": f"/portal/interviews/{visitors[1][0]}"},
            "site": {"agency-login": "/agency/login"},
            "office": {
                "job-times": f"/recruiting/jobs/{job.id}/times",
                "queue": "/recruiting/queue?desk=3+号桌",
                "queue-wall": "/recruiting/queue/wall",
                "referrals": "/recruiting/referrals",
                "referral-job": f"/recruiting/referrals/jobs/{job.id}",
                "referral-rewards": "/recruiting/referrals/rewards",
                "referral-rules": f"/recruiting/referrals/rules?job={job.id}",
            },
            "agency": {"agency": "/agency", "agency-job": f"/agency/jobs/{job.id}"},
        }


def test_no_page_is_left_out(place: Mapping[str, Mapping[str, str]]) -> None:
    addresses = [path for part in PARTS for path in place[part].values()]
    assert unvisited("test_doors", addresses) == []


@pytest.mark.parametrize("part", PARTS)
async def test_every_page(house: House, chromium: Browser, place: Mapping[str, Mapping[str, str]], part: str) -> None:
    cookies: Mapping[str, str] = {}
    if part == "office":
        cookies = await logged_in(house, HERE, "hr")
    elif part != "site":
        cookies = {f"zhiren_guest_{part}": place["cookies"][part]}
    faults = await tour(chromium, house.url(HERE), place[part], cookies)
    assert not faults, "\n".join(faults)
