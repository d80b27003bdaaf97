"""How the other doors look: agencies, colleagues who recommend, the queue of a hiring day, times open to a round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from sqlalchemy import select

from modules.recruiting.models import Agency, AgencyMember
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
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("doors", "门户公司", 10)
PARTS = ("site", "agency")


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, Mapping[str, str]]:
    """Addresses by name for each kind of reader, and the guests' cookies under ``cookies``."""
    tenant = await house.move_in(HERE)
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
        await ctx.session.flush()
        token = await guests.open_session(ctx, "agency", member.id)
        return {
            "cookies": {"agency": token},
            "site": {"agency-login": "/agency/login"},
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
