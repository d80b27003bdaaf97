"""A walk through pages as their readers meet them: nothing said on the console, axe silent, no page too wide."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser

from ops.demo.customers import Customer
from tests.browser.house import House
from tests.browser.window import DESK, PHONE, Theme, Window, window

#: a folder for pictures of the pages, for who wants to look
PICTURES = os.environ.get("ZHIREN_TEST_PICTURES", "")
_SOME: tuple[tuple[tuple[int, int], Theme, str], ...] = (
    (DESK, "light", "zh_CN"),
    (PHONE, "dark", "zh_CN"),
    (PHONE, "light", "en"),
)
_OTHERS: tuple[tuple[tuple[int, int], Theme, str], ...] = (
    (DESK, "dark", "en"),
    (DESK, "dark", "zh_CN"),
    (DESK, "light", "en"),
    (PHONE, "dark", "en"),
    (PHONE, "light", "zh_CN"),
)
#: who looks at pictures sees every look
LOOKS = (*_SOME, *_OTHERS) if PICTURES else _SOME


async def logged_in(house: House, customer: Customer, login: str) -> dict[str, str]:
    """The cookies of somebody with a log-in."""

    def log_in() -> dict[str, str]:
        with house.visitor(customer, login) as visitor:
            return {cookie.name: cookie.value or "" for cookie in visitor.cookies.jar}

    return await asyncio.to_thread(log_in)


async def tour(chromium: Browser, url: str, place: Mapping[str, str], cookies: Mapping[str, str]) -> list[str]:
    """Faults of every page of ``place`` (name to address), in every look; a picture of each where somebody wants it."""
    faults: list[str] = []
    for size, theme, language in LOOKS:
        async with window(chromium, url, size=size, theme=theme, language=language, cookies=dict(cookies)) as found:
            for name, path in place.items():
                await found.page.goto(path)
                await found.page.wait_for_load_state("networkidle")
                await picture(found, f"{name}-{size[0]}-{theme}-{language}")
                faults += [f"{path} {size[0]} {theme} {language}: {one}" for one in await found.faults()]
                faults += [f"{path} {size[0]} {language} is too wide: {one}" for one in await found.overflow()]
            faults += found.noise
    return faults


async def picture(found: Window, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - only where somebody looks on
        await found.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
