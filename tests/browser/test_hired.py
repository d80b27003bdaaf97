"""The whole way with three people at once: HR at a desk, an interviewer and a candidate on their phones."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import vobject
from playwright.async_api import Browser, Page, expect

from modules.recruiting.resumes.corpus import Sample, corpus
from tenants.owner import Owner
from tests.browser.axe import AXE
from tests.browser.caller import Caller, listen
from tests.browser.caller import Sample as Heard
from tests.browser.hiring import INTERVIEWER, Scene, choose, fill, hiring, pictures_of_a_failure, press, reads, way
from tests.browser.relay import TURNSERVER
from tests.browser.tour import picture
from tests.browser.window import DESK, PHONE, Window, window
from tests.smtp import Mailbox, parts
from zhiren.clock import CHINA, today
from zhiren.settings import Settings
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
    pytest.mark.skipif(not TURNSERVER.is_file(), reason="apt-get install coturn"),
    pytest.mark.skipif(shutil.which("pdfsig") is None, reason="apt-get install poppler-utils"),
]
JOB = "后端工程师"
#: what the page's own browser is given at an address
_BYTES = "async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())]"
ID_NUMBER, CARD = "110105199107280086", "6222020200112233445"


@pytest_asyncio.fixture(scope="module")
async def scene(
    posting: Settings, mail: Mailbox, owner: Owner, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    async with hiring(posting, mail, tmp_path_factory.mktemp("turn")) as found:
        yield found


async def test_from_a_wish_for_people_to_an_employee(
    scene: Scene, chromium_with_camera: Browser, tmp_path: Path
) -> None:
    (resume,) = corpus(("labelled",), each=1)
    async with (
        window(chromium_with_camera, scene.near, size=DESK, cookies=scene.cookies["hr"]) as hr,
        window(chromium_with_camera, scene.near, size=PHONE, cookies=scene.cookies["manager"]) as manager,
        window(chromium_with_camera, scene.far, size=PHONE) as candidate,
        pictures_of_a_failure(hr=hr, manager=manager, candidate=candidate),
    ):
        await listen(manager)
        await listen(candidate)
        await wish_and_approval(manager, hr)
        await job_opens(hr)
        await applies(candidate, resume, tmp_path)
        person = await screened(hr, resume)
        interview = await invited_and_booked(scene, hr, candidate, resume, person)
        await they_talk(scene, manager, candidate, resume, interview)
        await judged(hr, manager, interview)
        offer = await offered(scene, hr, manager, person)
        await accepted(scene, candidate, resume, offer, tmp_path)
        await arrives(candidate, tmp_path)
        await joins(hr, resume)
        assert hr.noise + manager.noise + candidate.noise == []


async def wish_and_approval(manager: Window, hr: Window) -> None:
    page = manager.page
    await page.goto("/recruiting/requisitions/new")
    await choose(page, "unit_id", "研发部")
    await fill(page, title=JOB, headcount="1", city="上海", salary_min="18000", salary_max="26000")
    await fill(page, justification="订单服务要重写，现有两人排满到年底。")
    await press(page, "提交审批")
    await reads(page, "审批中")
    desk = hr.page
    await desk.goto("/approvals")
    await desk.get_by_text(JOB).first.click()
    await reads(desk, "订单服务要重写")
    await press(desk, "同意")
    await expect(desk.locator(".zr-approval")).to_contain_text("已通过")


async def job_opens(hr: Window) -> None:
    page = hr.page
    await page.goto("/recruiting/requisitions")
    await page.get_by_role("link", name=JOB).first.click()
    await page.get_by_role("link", name="开放招聘").click()
    await choose(page, "owner_id", "人事专员")
    await fill(page, duties="写清楚、跑得稳的服务。", requirements="三年以上后端经验。", salary_text="18–26K·13 薪")
    await press(page, "保存")
    await expect(page).to_have_url(re.compile("/settings$"))
    job = page.url.removesuffix("/settings")
    await fill(page, question__0__text="能否接受倒班？", question__0__kind="yes_no")
    await page.locator('[name="question.0.required"]').check()
    await press(page, "保存问题")
    await fill(page, round__0__name="初试", round__0__criteria="把事情讲清楚\n数据库")
    await choose(page, "round.0.panel", INTERVIEWER)
    await press(page, "保存面试安排")
    await page.goto(f"{job}/rules")
    await choose(page, "rule.0.field", "能否接受倒班")
    await fill(page, rule__0__op="is", rule__0__value="是", rule__0__effect="set_aside")
    await fill(page, reason="产线两班倒。")
    await press(page, "保存规则")
    await page.goto(job)
    await press(page, "开放")
    await reads(page, "招聘中")


async def applies(candidate: Window, resume: Sample, folder: Path) -> None:
    """With the résumé alone: it fills the form."""
    page, truth = candidate.page, resume.truth
    file = folder / resume.name
    file.write_bytes(resume.data)
    await page.goto("/careers")
    await page.get_by_role("link", name=re.compile(JOB)).first.tap()
    await page.get_by_role("link", name="应聘这个职位").tap()
    await page.locator('[name="resume"]').set_input_files(file)
    await page.get_by_role("button", name="读取简历").tap()
    await expect(page.get_by_text("简历已读取").filter(visible=True)).to_be_visible()
    for name in ("name", "mobile", "mail", "degree", "school", "employer"):
        await expect(page.locator(f'[name="{name}"]')).to_have_value(getattr(truth, name))
    await page.get_by_label("能否接受倒班").select_option("yes")
    await page.locator('[name="consent"]').check()
    await picture(candidate, "hired-apply")
    await press(page, "提交应聘")
    await reads(page, truth.name, "已收到您的应聘")


async def screened(hr: Window, resume: Sample) -> str:
    """The page of the candidate, who passed the rule and goes on."""
    page = hr.page
    await page.goto("/recruiting/candidates")
    await page.get_by_role("link", name=resume.truth.name).first.click()
    await reads(page, resume.truth.school, "符合", "能否接受倒班？", "要求 是，看到 是")
    await picture(hr, "hired-candidate")
    return page.url


async def invited_and_booked(scene: Scene, hr: Window, candidate: Window, resume: Sample, person: str) -> str:
    """The interview's number; the candidate chose the time, and a calendar understands the mail."""
    # people may come in half an hour early, and the call is now
    at = datetime.now(CHINA).replace(second=0, microsecond=0) + timedelta(minutes=25)
    page = hr.page
    await page.goto(person)
    await page.get_by_role("link", name="安排面试").first.click()
    await page.locator('.zr-pick [name="panel"]').first.wait_for()
    await page.get_by_label(INTERVIEWER).check()
    await page.locator("#f-other").fill(f"{at:%Y-%m-%dT%H:%M}")
    await press(page, "请候选人选")
    asked = await scene.told(resume.truth.mail, f"请选择“{JOB}”的面试时间")
    phone = candidate.page
    await phone.goto(way(asked))
    await phone.locator('[name="slot"]').first.check()
    await press(phone, "定这个时间")
    await reads(phone, "进入视频面试")
    reads_as_invitation(await scene.told(resume.truth.mail, "面试定在"), at, resume.truth.mail)
    assert (await scene.told("manager", "面试安排"))["Subject"]
    return phone.url.rsplit("/", 1)[1]


def reads_as_invitation(mail: EmailMessage, at: datetime, address: str) -> None:
    """RFC 5546, 3.2.2, read by a library that did not write it."""
    found = parts(mail)["text/calendar"]
    assert found.get_param("method") == "REQUEST"
    told: Any = vobject.readOne(found.get_content())
    event = told.vevent
    assert told.method.value == "REQUEST"
    assert event.dtstart.value == at
    assert event.attendee.value.lower() == f"mailto:{address}".lower()
    assert JOB in event.summary.value
    assert event.uid.value


async def they_talk(scene: Scene, manager: Window, candidate: Window, resume: Sample, interview: str) -> None:
    """Pictures move and sound is heard on both sides, through the relay; ten seconds without a network, and again."""
    host, guest = Caller(manager), Caller(candidate)
    await guest.page.get_by_role("link", name="进入视频面试").tap()
    await expect(guest.page.locator('[data-act="join"]')).to_be_enabled()
    await guest.join()
    await host.page.goto(f"/recruiting/interviews/{interview}")
    await host.page.get_by_role("link", name="进入视频面试").tap()
    await expect(host.page.locator('[data-act="join"]')).to_be_enabled()
    await host.join()
    await host.let_in(resume.truth.name)
    for sample in await connected(host, guest):
        assert sample.pairs
        assert all(kinds == ["relay", "relay"] for kinds in sample.pairs), sample.pairs
    with scene.relay.cut(), scene.line.cut():
        await expect(guest.page.locator("#zm-link")).to_be_visible()
        await asyncio.sleep(4)
        before = await asyncio.gather(host.measure(), guest.measure())
        await asyncio.sleep(6)
        after = await asyncio.gather(host.measure(), guest.measure())
    assert [one.frames for one in before] == [one.frames for one in after], "the network was not cut"
    await asyncio.gather(host.sees_and_hears(within_s=90), guest.sees_and_hears(within_s=90))
    await host.page.locator('[data-act="side"]').click()
    await expect(host.page.locator("#zm-panel")).to_contain_text(resume.truth.employer)
    await picture(manager, "hired-call")
    await host.page.locator('[data-act="side-close"]').click()
    for one in (guest, host):
        await one.page.locator('[data-act="hang-up"]').click()
        await expect(one.page.locator("#zm-end")).to_be_visible()
    # what the browser says about a line that was cut is no fault of the page
    candidate.noise[:] = [line for line in candidate.noise if "ERR_" not in line and "WebSocket" not in line]


async def connected(host: Caller, guest: Caller) -> list[Heard]:
    """Who gets no picture on a busy machine does as people do: opens the page anew, once."""
    try:
        return list(await asyncio.gather(host.sees_and_hears(within_s=60), guest.sees_and_hears(within_s=60)))
    except AssertionError:
        await guest.page.reload()
        await guest.join()
        return list(await asyncio.gather(host.sees_and_hears(), guest.sees_and_hears()))


async def judged(hr: Window, manager: Window, interview: str) -> None:
    page = manager.page
    await page.goto(f"/recruiting/interviews/{interview}")
    for row in await page.locator(".btn-group").all():
        await row.get_by_text("4", exact=True).tap()
    await page.locator('[name="verdict"][value="yes"]').check()
    await fill(page, summary="讲清楚了自己做的系统，有数字。")
    await press(page, "提交评价")
    desk = hr.page
    await desk.goto(f"/recruiting/interviews/{interview}")
    await press(desk, "面试完成")
    await reads(desk, "讲清楚了自己做的系统", "把事情讲清楚 4")


async def offered(scene: Scene, hr: Window, manager: Window, person: str) -> str:
    """The offer's page; the manager signed it by the link in the mail, in two taps."""
    page = hr.page
    await page.goto(person)
    await reads(page, "初试", "已面试")
    await page.get_by_role("link", name="写录用通知").first.click()
    await choose(page, "legal_entity_id", "启明精工")
    start = (today() + timedelta(days=14)).isoformat()
    await fill(page, start_on=start, base_fen="21000", probation_months="3", contract_months="36")
    await press(page, "保存草稿")
    await press(page, "提交审批")
    await reads(page, "审批中")
    phone = manager.page
    await phone.goto(way(await scene.told("manager", "待您审批")))
    await phone.get_by_role("button", name="同意").tap()
    await phone.get_by_role("dialog").get_by_role("button", name="同意").tap()
    await reads(phone, "已审批")
    await page.reload()
    await press(page, "签名并发出")
    await reads(page, "等候选人答复")
    return page.url


async def accepted(scene: Scene, candidate: Window, resume: Sample, offer: str, folder: Path) -> None:
    """The letter's signature holds in poppler's eyes; then the name is typed."""
    page = candidate.page
    await page.goto(way(await scene.told(resume.truth.mail, "录用通知")))
    letter = folder / "letter.pdf"
    letter.write_bytes(bytes(await page.evaluate(_BYTES, f"/portal/offers/{offer.rsplit('/', 1)[1]}/letter")))
    said = await asyncio.to_thread(signature_of, letter)
    assert "Signature is Valid." in said, said
    assert "Total document signed" in said, said
    await picture(candidate, "hired-offer")
    await fill(page, typed_name=resume.truth.name)
    await press(page, "接受录用")
    await reads(page, "准备入职")
    await page.goto(f"/portal/offers/{offer.rsplit('/', 1)[1]}")
    await reads(page, "接受了录用", "证据摘要")


def signature_of(letter: Path) -> str:
    command = ["pdfsig", "-nocert", str(letter)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


async def arrives(candidate: Window, folder: Path) -> None:
    page = candidate.page
    await page.goto("/portal/onboarding")
    await fill(page, id_number=ID_NUMBER, home_address="上海市杨浦区四平路 1 号", bank_account=CARD)
    await press(page, "保存")
    paper = folder / "身份证.png"
    await page.screenshot(path=paper)
    await page.get_by_label("身份证", exact=False).and_(page.locator('input[type="file"]')).set_input_files(paper)
    await press(page, "上传")
    await reads(page, "待确认")


async def joins(hr: Window, resume: Sample) -> None:
    """One click, and records shows the same person."""
    page: Page = hr.page
    await page.goto("/recruiting/onboarding")
    await page.get_by_role("link", name=resume.truth.name).first.click()
    await press(page, "确认完成")
    await fill(page, number="W2026001", started_on=today().isoformat())
    await press(page, "办理入职")
    await expect(page).to_have_url(re.compile("/records/employees/"))
    await reads(page, resume.truth.name, "W2026001", "研发部", "1991-07-28", CARD[-4:])
    await picture(hr, "hired-employee")
    await page.goto(f"/records/employees?q={resume.truth.name}")
    await reads(page, "W2026001")
