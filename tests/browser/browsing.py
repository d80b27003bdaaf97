"""Chromium before a served application; what the console says is collected, since a silent fault is still one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.server import serve

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
TIMEOUT_MS = 10_000


@dataclass(frozen=True)
class Browsing:
    browser: Browser
    url: str

    @contextmanager
    def page(
        self,
        *,
        size: tuple[int, int] = (1440, 900),
        theme: Literal["light", "dark"] = "light",
        cookies: Mapping[str, str] | None = None,
    ) -> Iterator[tuple[Page, list[str]]]:
        """A page of its own, and the list that its console's errors and warnings go to."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, locale="zh-CN"
        )
        context.set_default_timeout(TIMEOUT_MS)
        context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in (cookies or {}).items()]
        )
        page = context.new_page()
        noise: list[str] = []

        def heard(message: Any) -> None:
            if message.type in {"error", "warning"}:
                noise.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: noise.append(str(error)))
        try:
            yield page, noise
        finally:
            # a form that was just sent is still on its way: a context closed in the middle of a navigation has been
            # seen never to answer
            with suppress(Error):
                page.goto("about:blank")
            context.close()


@contextmanager
def browsing(target: str, *, host: str = "acme.localhost") -> Iterator[Browsing]:
    """Serves ``module:attribute`` and opens Chromium; pages are reached under ``host``."""
    with serve(target) as port, sync_playwright() as playwright:
        # a container has no user namespaces for the browser's own sandbox
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield Browsing(browser, f"http://{host}:{port}")
        finally:
            browser.close()
