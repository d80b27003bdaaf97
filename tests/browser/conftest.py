"""Chromium, and the house with a customer in every state that a page can show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tenants.owner import Owner
from tests.browser import caller
from tests.browser.browsing import CHROMIUM
from tests.browser.house import House, running
from tests.browser.residents import Resident, furnish
from tests.browser.window import FLAGS
from tests.smtp import Mailbox, mailbox
from zhiren.settings import Settings


@pytest.fixture(scope="package")
def mail() -> Iterator[Mailbox]:
    """Where all mail goes: every house works off what is in the database, whichever of them wrote it."""
    with mailbox() as found:
        yield found


@pytest.fixture(scope="package")
def posting(settings: Settings, mail: Mailbox) -> Settings:
    """Settings under which mail arrives."""
    return msgspec.structs.replace(settings, smtp_url=mail.url, smtp_from="hr@zhiren.test")


@pytest_asyncio.fixture(scope="package")
async def house(posting: Settings, owner: Owner) -> AsyncIterator[House]:
    with running(posting) as found:
        yield found


@pytest_asyncio.fixture(scope="package")
async def resident(house: House) -> Resident:
    # its visitors and services are asked from a thread of their own: they wait for answers in earnest
    return await asyncio.to_thread(furnish, house)


@pytest_asyncio.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def chromium_with_camera() -> AsyncIterator[Browser]:
    """Of its test alone: once a browser had lost sight of the network, every later call in it failed."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *caller.FLAGS])
        yield browser
        await browser.close()
