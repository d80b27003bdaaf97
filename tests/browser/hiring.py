"""A company that hires: its people, its mail, its relay, and the small things they do in a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from playwright.async_api import Page, expect
from sqlalchemy import select

from ops.demo import roster
from ops.demo.customers import Customer, parts_of
from tests.browser.house import PASSWORD, House, running
from tests.browser.relay import Relay, Wire, coturn, wire
from tests.browser.tour import logged_in, picture
from tests.browser.window import Window
from tests.factories.records import company
from tests.smtp import Mailbox, parts
from zhiren.approvals.rules.document import Document, Signer, Stage, Step
from zhiren.approvals.service import flows
from zhiren.auth.models import User
from zhiren.auth.service import create_user
from zhiren.settings import Settings

HERE: Final = Customer("hired", roster.SHANGHAI, 20)
INTERVIEWER: Final = "林晓"
_LINK: Final = re.compile(r"https?://\S+")
MAILS: Final = {"hr": "hr@hired.test", "manager": "linxiao@hired.test"}


@dataclass(frozen=True)
class Scene:
    """Where three people meet: ``near`` is the address of those in the office, ``far`` that of who may lose the net."""

    house: House
    mail: Mailbox
    relay: Relay
    line: Wire
    cookies: Mapping[str, dict[str, str]]

    @property
    def near(self) -> str:
        return self.house.url(HERE)

    @property
    def far(self) -> str:
        return self.near.replace(str(self.house.port), str(self.line.port))

    async def told(self, who: str, subject: str) -> EmailMessage:
        """The mail to ``who`` (a log-in, or an address) whose subject holds ``subject``."""
        return await self.mail.arrives(MAILS.get(who, who), subject=subject, timeout_s=60)


@asynccontextmanager
async def hiring(settings: Settings, mail: Mailbox, folder: Path) -> AsyncIterator[Scene]:
    """The house with a relay that everything of a call goes through, and the company in it."""
    with coturn(folder, "a secret of the relay's own") as relay:
        here = msgspec.structs.replace(settings, turn_urls=relay.url, turn_secret=relay.secret, turn_only=True)
        with running(here) as house:
            await _move_in(house)
            await asyncio.to_thread(_reach, house)
            cookies = {login: await logged_in(house, HERE, login) for login in MAILS}
            async with wire(house.port) as line:
                yield Scene(house, mail, relay, line, cookies)


async def _move_in(house: House) -> None:
    """Offers are signed by the manager who will have the person; requests for people by HR, as it is without a flow."""
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as hosted, hosted.database.tenant(tenant) as ctx:
        found = await company(ctx, name=roster.SHANGHAI)
        await found.unit("研发部", "总部")
        await create_user(ctx, login="manager", name=INTERVIEWER, password=PASSWORD, roles=["manager"])
        await ctx.session.flush()
        signer = (await ctx.session.scalars(select(User.id).where(User.login == "manager"))).one()
        step = Step(name="用人经理", signers=(Signer(by="person", person_id=signer, person_name=INTERVIEWER),))
        _document, version, _drawn = await flows.drawing(ctx, "recruiting.offer")
        await flows.publish(ctx, "recruiting.offer", Document(stages=(Stage((step,)),)), version)


def _reach(house: House) -> None:
    """Everybody says where mail finds them."""
    for login, address in MAILS.items():
        with house.visitor(HERE, login) as person:
            person.page("/notices/reach")
            person.post("/notices/reach", {"mail": address})


def way(mail: EmailMessage) -> str:
    """The path of the first link in a mail."""
    found = _LINK.search(str(parts(mail)["text/plain"].get_content()))
    assert found, "a mail without a link"
    place = urlsplit(found.group())
    return place.path + (f"?{place.query}" if place.query else "")


async def fill(page: Page, **values: str) -> None:
    """Fields and choices by name; ``__`` is a full stop."""
    for name, value in values.items():
        one = page.locator(f'[name="{name.replace("__", ".")}"]').first
        if await one.evaluate("(one) => one.tagName") == "SELECT":
            await one.select_option(value)
        else:
            await one.fill(value)


async def choose(page: Page, name: str, text: str) -> None:
    """The choice whose text holds ``text``."""
    one = page.locator(f'select[name="{name}"]').last
    value = await one.locator("option", has_text=text).first.get_attribute("value")
    await one.select_option(value)


async def press(page: Page, name: str) -> None:
    """The button of this name, and the page that follows it."""
    async with page.expect_navigation():
        await page.locator("main").get_by_role("button", name=name, exact=True).first.click()


async def reads(page: Page, *texts: str) -> None:
    """The page says all of these."""
    for text in texts:
        await expect(page.locator("main")).to_contain_text(text)


@asynccontextmanager
async def pictures_of_a_failure(**windows: Window) -> AsyncIterator[None]:
    """What everybody saw when it went wrong, where pictures are kept."""
    try:
        yield
    except BaseException:
        for name, one in windows.items():
            await picture(one, f"failed-{name}")
        raise
