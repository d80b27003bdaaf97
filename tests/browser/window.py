"""A window of Chromium, and what is asked of every page that is opened in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from playwright.async_api import Browser, Error, Page, expect

from tests.browser.axe import AXE, GRAVE, lines

PHONE: tuple[int, int] = (390, 844)
DESK: tuple[int, int] = (1440, 900)
#: compressed script and style of one page
BUDGET_KB = 300
#: long enough for a machine that has much else to do; who is in time waits no longer for it
TIMEOUT_MS = 60_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=TIMEOUT_MS / 2)

Theme = Literal["light", "dark"]

_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll('*')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > width + 1 && !one.closest('.zr-bottombar, .zr-watermark');
  }).slice(-3).map((one) => one.outerHTML.slice(0, 120));
}"""
# text that its own box hides, or shows only to who pushes it sideways; what is for screen readers alone is left out
_CUT_OFF = """() => [...document.querySelectorAll('header *, main *')].filter((one) => {
  const look = getComputedStyle(one);
  if (!one.textContent.trim() || one.closest('.visually-hidden, svg, select')) return false;
  const hidden = (how) => how === 'hidden' || how === 'clip';
  return (look.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1)
    || (hidden(look.overflowY) && one.scrollHeight > one.clientHeight + 1);
}).map((one) => one.outerHTML.slice(0, 120))"""
_FILES = """() => performance.getEntriesByType('resource')
  .map((one) => one.name).filter((name) => /\\.(css|m?js)(\\?|$)/.test(name))"""


@dataclass
class Window:
    page: Page
    #: what the console said that it should not have
    noise: list[str] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)

    async def faults(self, *, rules: Sequence[str] = ()) -> list[str]:
        """Serious and critical faults by axe-core; ``rules`` asks for those rules alone."""
        # evaluated and not added as a script element: the content security policy stays in force
        if not await self.page.evaluate("typeof window.axe === 'object'"):
            await self.page.evaluate(AXE.read_text())
        only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
        result: Any = await self.page.evaluate(
            "(only) => axe.run(document, {resultTypes: ['violations'], ...only})", only
        )
        return lines(result, GRAVE)

    async def overflow(self) -> list[str]:
        """What makes the page wider than the window; empty when nothing does."""
        found: list[str] = await self.page.evaluate(_OVERFLOW)
        return found

    async def cut_off(self) -> list[str]:
        """Text that does not fit its box and cannot be scrolled to."""
        found: list[str] = await self.page.evaluate(_CUT_OFF)
        return found

    async def weight_kb(self) -> float:
        """Script and style as they came over the wire."""
        size = 0
        for name in set(await self.page.evaluate(_FILES)):
            if name not in self._sizes:
                # asked again: what the service worker hands out of its store has no size on the wire
                url = httpx.URL(name).copy_with(host="127.0.0.1")
                async with httpx.AsyncClient() as http, http.stream("GET", url) as answer:
                    self._sizes[name] = int(answer.headers["content-length"])
            size += self._sizes[name]
        return size / 1000


@asynccontextmanager
async def window(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = DESK,
    theme: Theme = "light",
    language: str = "zh_CN",
    cookies: Mapping[str, str] | None = None,
) -> AsyncIterator[Window]:
    """A fresh profile at ``url``; on the phone's size it has a touch screen."""
    phone = size == PHONE
    context = await browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        locale="zh-CN" if language == "zh_CN" else "en-GB",
        has_touch=phone,
        is_mobile=phone,
        accept_downloads=True,
        # colours are judged when they have arrived
        reduced_motion="reduce",
    )
    context.set_default_timeout(TIMEOUT_MS)
    given = {"zhiren_lang": language, **(cookies or {})}
    await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in given.items()])
    found = Window(await context.new_page())

    def heard(message: Any) -> None:
        if message.type in {"error", "warning"}:
            found.noise.append(f"{message.text} ({found.page.url})")

    found.page.on("console", heard)
    found.page.on("pageerror", lambda error: found.noise.append(str(error)))
    try:
        yield found
    finally:
        # closed in the middle of a navigation, a context has been seen never to answer
        with suppress(Error):
            await found.page.goto("about:blank", timeout=5_000)
        await context.close()
