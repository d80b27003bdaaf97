"""Every page of the application: on a phone and a desk, by day and by night, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
import pytest_asyncio
from litestar import Litestar
from playwright.async_api import Browser, expect

from ops.demo.customers import OPERATOR
from ops.demo.visitor import Visitor
from tests.browser import residents
from tests.browser.atlas import Atlas, Place, pages
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.residents import Resident
from tests.browser.tour import logged_in
from tests.browser.toured import elsewhere
from tests.browser.window import BUDGET_KB, DESK, PHONE, Window, window
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]

#: pages that are only there in the middle of something; the main job's tests pass through them
IN_PASSING: Mapping[str, str] = {
    "/login/code": "asks for the second factor",
    "/login/new-password": "after a link to set a password",
    "/login/link/{secret:str}": "is gone once it was opened",
    "/notices/off/{message_id:uuid}/{token:str}": "from a mail; tests/platform/notices/test_pages.py",
    "/admin/notices/outbox/{message_id:uuid}": "needs a message; tests/browser/test_notices.py",
    "/meet/{room_id:uuid}": "by invitation: looked at in test_meet.py",
    "/meet/{room_id:uuid}/recordings": "likewise",
}
#: in order: whoever comes first shows a page for all
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "hr": ("/",),
    "payroll": ("/",),
    "admin": ("/",),
    residents.MANAGER: ("/", "/records/employees", "/me"),
    residents.EMPLOYEE: ("/", "/me", "/me/payslips"),
    "": ("/login", "/offline"),
    OPERATOR: ("/console",),
    residents.STRANGER: ("/console/login",),
}


@pytest_asyncio.fixture(scope="module")
async def atlas(house: House, resident: Resident, app: Litestar) -> Atlas:
    def visitor(login: str) -> Visitor:
        return house.visitor(resident.at(login), login.strip(residents.STRANGER))

    found = Atlas(pages(app), visitor)

    def explore() -> None:
        with residents.second_factor_begun(house):
            for login, starts in PEOPLE.items():
                found.explore(login, starts, also=(*starts, *resident.also.get(login, ())))
        found.places.append(Place(residents.MANAGER, "/account/second-factor", "/account/second-factor"))

    await asyncio.to_thread(explore)
    return found


def test_no_page_is_left_out(atlas: Atlas) -> None:
    assert atlas.missing({**IN_PASSING, **elsewhere()}) == []


#: (window, language): everything is asked once in each size and once in each language
VIEWS = [(PHONE, "en"), (DESK, "zh_CN"), (PHONE, "zh_CN"), (DESK, "en")]


@pytest.mark.parametrize("login", list(PEOPLE))
@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_pages_are_readable_and_silent(  # noqa: PLR0917
    house: House,
    resident: Resident,
    atlas: Atlas,
    chromium: Browser,
    login: str,
    size: tuple[int, int],
    language: str,
) -> None:
    faults: list[str] = []
    url = house.url(resident.at(login))
    in_depth = VIEWS.index((size, language)) < 2
    # just logged in: some pages ask for the password of who was long ago
    known = login.strip(residents.STRANGER)
    cookies = await logged_in(house, resident.at(login), login) if known else None
    async with window(chromium, url, size=size, language=language, cookies=cookies) as found:
        for place in atlas.places:
            if place.login == login:
                faults += [f"{place}: {fault}" for fault in await _faults(found, place, in_depth=in_depth)]
        faults += found.noise
    assert not faults, "\n".join(faults)


async def _faults(found: Window, place: Place, *, in_depth: bool) -> list[str]:
    answer = await found.page.goto(place.path)
    faults = [] if answer is not None and answer.ok else [f"answers {answer and answer.status}"]
    faults += [f"wider than the window: {culprit}" for culprit in await found.overflow()]
    if in_depth:
        faults += await found.faults()
        await found.page.emulate_media(color_scheme="dark")
        await expect(found.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        faults += [f"at night: {fault}" for fault in await found.faults(rules=["color-contrast", "link-in-text-block"])]
        await found.page.emulate_media(color_scheme="light")
        weight_kb = await found.weight_kb()
        faults += [f"weighs {weight_kb:.0f} kB"] if weight_kb > BUDGET_KB else []
    return faults
