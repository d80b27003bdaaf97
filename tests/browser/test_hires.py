"""How the career site, the candidates' portal, interviews, offers, onboarding and the analytics look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser
from sqlalchemy import select

from modules.recruiting.models import Offer, Onboarding, Task
from modules.recruiting.repository import Case
from modules.recruiting.rules.tasks import USUAL
from modules.recruiting.service import interviews
from modules.recruiting.shapes import Criterion, Package, PayLine, Question, Round
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.tour import LOOKS, logged_in, picture, tour
from tests.browser.toured import unvisited
from tests.browser.window import PHONE, window
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
HERE = Customer("hires", "录用公司", 10)
ROUND = Round(
    code="r1",
    name="初试",
    questions=("做过哪些项目？", "为什么离开上一家公司？"),
    criteria=(
        Criterion(code="craft", name="专业能力", guide="说得清原理，有数字"),
        Criterion(code="talk", name="沟通"),
    ),
)


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, Mapping[str, str]]:
    """Addresses by name, and the candidate's cookie under ``cookies``."""
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        hr = await ctx.session.scalar(select(User).where(User.login == "hr"))
        assert hr is not None
        firm = await company(ctx)
        job = await make_job(
            ctx,
            title="嵌入式软件工程师",
            owner_id=hr.id,
            unit_id=firm.units["总部"].id,
            legal_entity_id=firm.entity.id,
            duties="负责控制器软件的设计、编码和测试。",
            requirements="三年以上 C 语言经验。",
            salary_text="15,000–25,000 元/月",
            rounds=[msgspec.to_builtins(ROUND)],
            questions=[msgspec.to_builtins(Question(code="shift", text="能否倒班？", kind="yes_no", required=True))],
        )
        candidate = await make_candidate(ctx, name="欧阳修远")
        application = await make_application(ctx, job=job, candidate=candidate)
        case = Case(application, candidate, job)
        begin = datetime.now(UTC) + timedelta(days=2)
        meetings = []
        for act in ("choose", "set"):
            interview = await interviews.plan(ctx, case, ROUND, [hr.id], message="请带上作品。")
            meeting = interviews.Meeting(interview, application, candidate, job)
            if act == "choose":
                await interviews.propose(ctx, meeting, [begin, begin + timedelta(hours=2)])
            else:
                await interviews.set_time(ctx, meeting, begin + timedelta(days=1))
            meetings.append(interview.id)
        offer = Offer(
            number="F2026-0001",
            application_id=application.id,
            state="sent",
            title=job.title,
            unit_id=job.unit_id,
            legal_entity_id=firm.entity.id,
            start_on=today() + timedelta(days=14),
            sent_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(days=7),
        )
        lines = (PayLine(name="交通补贴", amount_fen=60_000), PayLine(name="年终奖", amount_fen=4_000_000, per="year"))
        offer.package = Package(base_fen=2_100_000, probation_base_fen=1_800_000, lines=lines, note="入职满一年调薪。")
        ctx.session.add(offer)
        await ctx.session.flush()
        arrival = Onboarding(
            offer_id=offer.id, application_id=application.id, candidate_id=candidate.id, start_on=offer.start_on
        )
        ctx.session.add(arrival)
        await ctx.session.flush()
        ctx.session.add_all(
            Task(onboarding_id=arrival.id, sort=n, due_on=today(), **line.columns()) for n, line in enumerate(USUAL)
        )
        other = await make_application(ctx, job=job, stage="interview")
        draft = Offer(number="F2026-0002", application_id=other.id, title=job.title, unit_id=job.unit_id)
        draft.start_on, draft.package = today() + timedelta(days=14), Package(base_fen=2_000_000)
        ctx.session.add(draft)
        await ctx.session.flush()
        token = await guests.open_session(ctx, "candidate", candidate.id, name=candidate.name)
        return {
            "cookies": {"zhiren_guest_candidate": token},
            "office": {
                "interviews": "/recruiting/interviews?show=all",
                "interview": f"/recruiting/interviews/{meetings[1]}",
                "interview-plan": f"/recruiting/applications/{application.id}/interview",
                "offers": "/recruiting/offers",
                "offer": f"/recruiting/offers/{offer.id}",
                "offer-new": f"/recruiting/applications/{application.id}/offer",
                "onboardings": "/recruiting/onboarding",
                "onboarding": f"/recruiting/onboarding/{arrival.id}",
                "analytics": "/recruiting/analytics",
                "analytics-people": "/recruiting/analytics/people?reached=0",
                "offer-edit": f"/recruiting/offers/{draft.id}/edit",
            },
            "site": {
                "careers": "/careers",
                "career-job": f"/careers/{job.slug}",
                "apply": f"/careers/{job.slug}/apply",
                "portal-login": "/portal/login",
                "erased": "/careers/erased/0123456789abcdef",
            },
            "portal": {
                "portal": "/portal",
                "portal-choose": f"/portal/interviews/{meetings[0]}",
                "portal-interview": f"/portal/interviews/{meetings[1]}",
                "portal-offer": f"/portal/offers/{offer.id}",
                "portal-onboarding": "/portal/onboarding",
                "portal-me": "/portal/me",
            },
        }


def test_no_page_is_left_out(place: Mapping[str, Mapping[str, str]]) -> None:
    addresses = [path for part in ("office", "site", "portal") for path in place[part].values()]
    assert unvisited("test_hires", addresses) == []


@pytest.mark.parametrize("part", ["office", "site", "portal"])
async def test_every_page(house: House, chromium: Browser, place: Mapping[str, Mapping[str, str]], part: str) -> None:
    cookies: Mapping[str, str] = {}
    if part == "office":
        cookies = await logged_in(house, HERE, "hr")
    elif part == "portal":
        cookies = place["cookies"]
    faults = await tour(chromium, house.url(HERE), place[part], cookies)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("part", ["site", "portal"])
async def test_large_text(
    house: House, chromium: Browser, place: Mapping[str, Mapping[str, str]], part: str, language: str
) -> None:
    """Text of twice the size, as phones offer it, and the smallest phone (WCAG 2.2, 1.4.4 and 1.4.10): nothing is cut
    off, nothing is wider than the window.
    """
    faults: list[str] = []
    cookies = place["cookies"] if part == "portal" else {}
    async with window(chromium, house.url(HERE), size=PHONE, language=language, cookies=cookies) as found:
        for name, path in place[part].items():
            for width, percent in ((320, 100), (PHONE[0], 200)):
                await found.page.set_viewport_size({"width": width, "height": PHONE[1]})
                await found.page.goto(path)
                await found.page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
                await picture(found, f"{name}-{width}-{percent}-{language}")
                faults += [f"{path} {width} {percent} is too wide: {one}" for one in await found.overflow()]
                faults += [f"{path} {width} {percent} is cut off: {one}" for one in await found.cut_off()]
    assert not faults, "\n".join(faults)


async def test_the_code_to_carry_ones_profile(
    house: House, chromium: Browser, place: Mapping[str, Mapping[str, str]]
) -> None:
    """A page that only a press of the button shows; the code is ended again with another."""
    faults: list[str] = []
    for size, theme, language in LOOKS:
        cookies = dict(place["cookies"])
        async with window(
            chromium, house.url(HERE), size=size, theme=theme, language=language, cookies=cookies
        ) as found:
            await found.page.goto("/portal/me")
            await found.page.locator('form[action="/portal/me/carry"] button').click()
            await found.page.locator("#carry-code").wait_for()
            assert len(await found.page.locator("#carry-code").input_value()) == 19
            await picture(found, f"portal-carry-{size[0]}-{theme}-{language}")
            faults += [*await found.faults(), *await found.overflow(), *found.noise]
            await found.page.locator('form[action="/portal/me/carry/stop"] button').click()
            await found.page.wait_for_url("**/portal/me")
    assert not faults, "\n".join(faults)
