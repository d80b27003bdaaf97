"""The kit in Chromium: on a phone and a desk, by day and night, in both languages, with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.axe import AXE, violations
from tests.browser.browsing import Browsing, browsing
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]

PAGES = ("/", "/kit", "/kit/form", "/kit/empty", "/no-such-page")
PHONE, DESK = (390, 844), (1440, 900)


@pytest.fixture(scope="module")
def site() -> Iterator[Browsing]:
    with browsing("tests.platform.web.gallery_app:app") as found:
        yield found


@pytest.mark.parametrize(
    ("size", "theme", "locale"),
    [
        (PHONE, "light", "zh_CN"),
        (PHONE, "dark", "en"),
        (DESK, "light", "en"),
        (DESK, "dark", "zh_CN"),
    ],
)
def test_pages_fit_are_readable_and_silent(site: Browsing, size: tuple[int, int], theme: Any, locale: str) -> None:
    with site.page(size=size, theme=theme, cookies={"zhiren_session": "x", "zhiren_lang": locale}) as (page, noise):
        for path in PAGES:
            page.goto(site.url + path)
            assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            assert violations(page) == [], path
        assert [line for line in noise if "404" not in line] == []


def test_before_log_in(site: Browsing) -> None:
    with site.page(size=PHONE) as (page, noise):
        page.goto(site.url + "/kit/form")
        assert violations(page) == []
        page.get_by_role("button", name="English").click()
        assert page.locator("html").get_attribute("lang") == "en"
        assert noise == []


def test_table_by_keyboard(site: Browsing) -> None:
    with site.page(size=DESK, cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit")
        page.keyboard.press("/")
        page.keyboard.type("王")
        page.keyboard.press("Enter")
        page.wait_for_url("**/kit?q=*")
        page.wait_for_selector("text=共 12 行")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/kit?at=A1040")


def test_sorting_and_paging_without_leaving_the_page(site: Browsing) -> None:
    with site.page(size=DESK, cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit")
        page.evaluate("window.same = true")
        page.locator("th").get_by_text("基本工资").click()
        page.wait_for_selector("th[aria-sort=ascending]")
        page.get_by_label("下一页").click()
        page.wait_for_selector("text=第 21–40 行")
        assert page.evaluate("window.same")
        page.go_back()
        page.wait_for_selector("text=第 1–20 行")


def test_draft_survives_a_reload_and_errors_keep_what_was_typed(site: Browsing) -> None:
    with site.page(size=PHONE, cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit/form")
        page.fill("[name=note]", "未提交的备注")
        page.fill("[name=id_number]", "110105194912310021")
        page.wait_for_function("() => sessionStorage.getItem('zhiren.draft.kit')?.includes('未提交')")
        assert "1101051949" not in page.evaluate("JSON.stringify(sessionStorage)")
        page.reload()
        page.wait_for_selector(".zr-toast-info")
        assert page.input_value("[name=note]") == "未提交的备注"
        assert page.input_value("[name=id_number]") == ""
        page.locator(".zr-form-foot .btn-primary").click()
        page.wait_for_selector("#e-name")
        page.fill("[name=name]", "王晓雯")
        page.locator(".zr-form-foot .btn-primary").click()
        page.wait_for_selector(".zr-toast-success")
        assert page.evaluate("sessionStorage.getItem('zhiren.draft.kit')") is None


def test_destruction_asks_for_the_name(site: Browsing) -> None:
    with site.page(size=DESK, cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit")
        page.locator("[form=kit-danger]").click()
        dialog = page.locator("dialog[open]")
        assert dialog.get_by_role("button", name="删除").is_disabled()
        assert violations(page) == []
        dialog.locator("input").fill("月薪制")
        with page.expect_response("**/kit/form") as answered:
            dialog.get_by_role("button", name="删除").click()
        assert answered.value.status == 422


def test_theme_changes_at_once_and_stays(site: Browsing) -> None:
    with site.page(size=DESK, theme="dark", cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit")
        page.locator(".zr-sidebar-foot summary").click()
        with page.expect_response("**/preferences/theme"):
            page.get_by_role("button", name="浅色").click()
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
        page.reload()
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_menu_of_the_phone(site: Browsing) -> None:
    with site.page(size=PHONE, cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit")
        page.locator(".zr-bottombar [data-menu-toggle]").click()
        page.wait_for_selector("#sidebar a:visible")
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.wait_for_selector("#sidebar", state="hidden")


def test_offline_page_stands_in(site: Browsing) -> None:
    with site.page(size=PHONE, cookies={"zhiren_session": "x"}) as (page, _noise):
        page.goto(site.url + "/kit")
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        page.context.set_offline(True)
        page.goto(site.url + "/kit/form")
        assert "没有网络" in page.content()
        stored = page.evaluate(
            "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) => "
            "(await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat())"
        )
        assert all(path.startswith("/static/") or path == "/offline" for path in stored)
