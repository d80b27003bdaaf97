"""Colleagues recommend, by form and by link; they see their own and nobody else's; rewards are promised and paid."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from modules.recruiting.errors import AgencyOwned, InvalidRecruiting, NotReady, NotYours
from modules.recruiting.models import Application, Interview
from modules.recruiting.repository import Case
from modules.recruiting.rules.rewards import Facts, RewardRule, months_later, rewards
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import referrals
from modules.recruiting.service import rewards as books
from modules.recruiting.service.introducing import Introduction
from ops.hosted import Hosted
from tests.factories.recruiting import make_application, make_candidate, make_job
from tests.modules.recruiting.test_interviews import as_user, user
from tests.modules.recruiting.test_way import at_the_site, user_of
from zhiren import notices
from zhiren.clock import today
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
PAGE = {"accept": "text/html"}
DAY = date(2026, 5, 31)
RULE = RewardRule(interviewed=50_000, joined=200_000, passed=300_000, months=6)


def fresh_mobile() -> str:
    return f"135{int(new_id().hex[-7:], 16) % 10**8:08d}"


def said(by: UUID, **values: Any) -> Introduction:
    data = CandidateData(name=values.pop("name", "闻人静"), mobile=values.pop("mobile", fresh_mobile()), **values)
    return Introduction(data=data, source="referral", by=by, by_name="某同事", consent=True, note="一起做过项目")


@pytest.mark.parametrize(
    ("facts", "ended", "states"),
    [
        (Facts(), False, ["open", "open", "open"]),
        (Facts(), True, ["lost", "lost", "lost"]),
        (Facts(interviewed_on=DAY), True, ["due", "lost", "lost"]),
        (Facts(interviewed_on=DAY, joined_on=DAY), False, ["due", "due", "open"]),
        (Facts(joined_on=DAY + timedelta(days=1)), False, ["open", "open", "open"]),
        (Facts(joined_on=date(2025, 11, 30)), False, ["open", "due", "due"]),
        (Facts(joined_on=date(2025, 12, 1)), False, ["open", "due", "open"]),
        (Facts(joined_on=date(2025, 11, 30), left_on=date(2026, 3, 1)), False, ["open", "due", "lost"]),
    ],
)
def test_rewards_fall_due_one_after_the_other(facts: Facts, ended: bool, states: list[str]) -> None:
    assert [one.state for one in rewards(RULE, facts, {}, ended=ended, today=DAY)] == states


def test_what_was_paid_stays_paid_at_what_was_paid() -> None:
    found = rewards(RULE, Facts(), {"joined": 150_000}, ended=True, today=DAY)
    assert [(one.state, one.amount_fen) for one in found] == [("lost", 50_000), ("paid", 150_000), ("lost", 300_000)]
    assert rewards(RewardRule(), Facts(joined_on=DAY), {}, ended=False, today=DAY) == []
    assert months_later(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert months_later(date(2026, 12, 15), 1) == date(2027, 1, 15)


async def test_the_rule_of_the_day_holds_and_is_paid_once(ctx: Context) -> None:
    colleague, boss = await user(ctx, "推荐人"), await user(ctx, "招聘负责人")
    job = await make_job(ctx, owner_id=boss)
    await books.save_rule(ctx, None, RewardRule(interviewed=10_000))
    await books.save_rule(ctx, job, RULE)
    application = await referrals.refer(as_user(ctx, colleague), job, said(colleague))
    assert (application.referrer_id, application.reward_state) == (colleague, "promised")
    await books.save_rule(ctx, job, RewardRule(interviewed=1))
    ctx.session.add(Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), state="done"))
    await ctx.session.flush()
    (one,) = [row for row in await books.promised(ctx) if row.case.application.id == application.id]
    assert [(reward.milestone, reward.state, reward.amount_fen) for reward in one.rewards] == [
        ("interviewed", "due", 50_000),
        ("joined", "open", 200_000),
        ("passed", "open", 300_000),
    ]
    for _twice in range(2):
        await books.tell_of_due(ctx)
    lines = await notices.history(ctx, ("recruiting.application", application.id))
    told = [one for one in lines if one.kind == "recruiting.referral.due" and one.channel == "inapp"]
    assert [one.recipient for one in told] == ["推荐人"], "once, and only who recommended"
    with pytest.raises(NotYours):
        await books.pay(as_user(ctx, colleague), application.id, "interviewed")
    with pytest.raises(NotReady):
        await books.pay(as_user(ctx, boss), application.id, "joined")
    assert (await books.pay(as_user(ctx, boss), application.id, "interviewed")).amount_fen == 50_000
    with pytest.raises(NotReady):
        await books.pay(as_user(ctx, boss), application.id, "interviewed")
    (mine,) = await referrals.mine(as_user(ctx, colleague))
    assert mine.rewards[0].state == "paid"


async def test_rules_of_the_house_and_of_jobs(ctx: Context) -> None:
    plain = await make_job(ctx, owner_id=new_id())
    dear = await make_job(ctx, owner_id=new_id(), referral_reward_fen=500_000)
    await books.save_rule(ctx, None, RULE)
    known = await books.rules(ctx)
    assert books.rule_of(known, plain) == RULE
    assert books.rule_of(known, dear) == RewardRule(interviewed=50_000, joined=500_000, passed=300_000, months=6)
    await books.save_rule(ctx, dear, RewardRule(joined=1_000))
    assert books.rule_of(await books.rules(ctx), dear).joined == 1_000
    await books.save_rule(ctx, dear, None)
    assert books.rule_of(await books.rules(ctx), dear).joined == 500_000
    with pytest.raises(InvalidRecruiting) as refusal:
        await books.save_rule(ctx, None, RewardRule(joined=-1, months=30))
    assert set(refusal.value.fields) == {"joined", "months"}


async def test_who_is_spoken_for_cannot_be_recommended(ctx: Context) -> None:
    colleague = await user(ctx, "推荐人")
    job = await make_job(ctx, owner_id=new_id())
    here, theirs, free = [await make_candidate(ctx) for _ in range(3)]
    await make_application(ctx, job=job, candidate=here)
    theirs.owned_until = today()
    await ctx.session.flush()
    mine = as_user(ctx, colleague)
    for known in (here, theirs):
        with pytest.raises(AgencyOwned) as refusal:
            await referrals.refer(mine, job, said(colleague, mobile=known.mobile or ""))
        assert known.name not in refusal.value.message
    again = await referrals.refer(mine, job, said(colleague, mobile=free.mobile or "", name="别的名字", city="北京"))
    assert again.candidate_id == free.id
    assert (free.name, free.city) != ("别的名字", "北京"), "what others say of a known person changes nothing"


async def test_a_link_is_one_s_own_and_cannot_be_made_up(ctx: Context) -> None:
    colleague = await user(ctx, "推荐人")
    code = referrals.code_of(as_user(ctx, colleague))
    assert code == referrals.code_of(as_user(ctx, colleague)), "what was printed yesterday works today"
    assert await referrals.referrer_of(ctx, code) == colleague
    turned = code[:-2] + ("A" if code[-2] != "A" else "B") + code[-1]
    for wrong in ("", "site", turned, referrals.code_of(as_user(ctx, new_id()))):
        assert await referrals.referrer_of(ctx, wrong) is None
    job, candidate = await make_job(ctx), await make_candidate(ctx)
    application = await make_application(ctx, job=job, candidate=candidate)
    candidate.owned_until = today() + timedelta(days=1)
    await referrals.credit(ctx, *Case(application, candidate, job), colleague)
    assert application.referrer_id is None, "whom an agency brought stays the agency's"


async def test_by_link_and_by_form_through_the_pages(
    app: Litestar, parts: Hosted, tenant: TenantRef, database: Database, login_as: LogIn
) -> None:
    colleague, other, hr = [await login_as(role) for role in ("employee", "employee", "hr")]
    who = await user_of(colleague, parts, tenant)
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, title="工艺工程师", owner_id=new_id())
        unlisted = await make_job(ctx, title="保密项目", owner_id=new_id(), listed=False)
    saved = await hr.post("/recruiting/referrals/rules", data={"interviewed": "500", "joined": "2000", "months": "6"})
    assert saved.status_code == 303
    home = (await colleague.get("/recruiting/referrals", headers=PAGE)).text
    assert "工艺工程师" in home
    assert "保密项目" not in home
    assert (await colleague.get(f"/recruiting/referrals/jobs/{unlisted.id}")).status_code == 404
    page = (await colleague.get(f"/recruiting/referrals/jobs/{job.id}", headers=PAGE)).text
    assert "2,000.00" in page
    link = re.search(r'value="http://[^"]+(/careers/[^"?]+)\?from=([\w-]+)"', page)
    assert link
    assert (await colleague.get(f"/recruiting/referrals/jobs/{job.id}/qr.svg")).content.startswith(b"<svg")
    site = await at_the_site(app, tenant, f"{link[1]}/apply?from={link[2]}")
    form = (await site.get(f"{link[1]}/apply?from={link[2]}")).text
    assert f'name="code" value="{link[2]}"' in form
    typed = {"name": "太叔朗", "mobile": fresh_mobile(), "consent": "1", "act": "send", "code": link[2]}
    assert (await site.post(f"{link[1]}/apply", data=typed)).status_code == 303
    told = {"name": "闻人静", "mobile": fresh_mobile(), "note": "靠谱", "act": "send"}
    refused = await colleague.post(f"/recruiting/referrals/jobs/{job.id}", data=told, headers=PAGE)
    assert refused.status_code == 422
    assert "请勾选同意后再提交" in refused.text
    done = await colleague.post(f"/recruiting/referrals/jobs/{job.id}", data=told | {"consent": "1"})
    assert done.status_code == 303, done.text[:600]
    async with database.tenant(tenant) as ctx:
        rows = list(await ctx.session.scalars(select(Application).where(Application.job_id == job.id)))
        assert [row.referrer_id for row in rows] == [who, who]
        rows[0].feedback, rows[0].state = "经验太浅", "on_hold"
        begin = datetime.now(UTC) - timedelta(days=1)
        met = Interview(application_id=rows[0].id, round="r1", name="初试", uid=str(new_id()), state="done")
        met.starts_at, met.ends_at = begin, begin + timedelta(minutes=30)
        ctx.session.add(met)
    home = (await colleague.get("/recruiting/referrals", headers=PAGE)).text
    for shown in ("太叔朗", "闻人静", "待发放"):
        assert shown in home
    for hidden in ("经验太浅", "已暂缓", typed["mobile"], told["mobile"]):
        assert hidden not in home
    assert "太叔朗" not in (await other.get("/recruiting/referrals", headers=PAGE)).text
    for row in rows:
        for path in (f"/recruiting/candidates/{row.candidate_id}", f"/recruiting/jobs/{job.id}/board"):
            assert (await colleague.get(path)).status_code == 403, path
    pay = f"/recruiting/referrals/rewards/{rows[0].id}/pay"
    assert (await colleague.post(pay, data={"milestone": "interviewed"})).status_code == 403
    assert "太叔朗" in (await hr.get("/recruiting/referrals/rewards", headers=PAGE)).text
    assert (await hr.post(pay, data={"milestone": "interviewed"})).status_code == 303
    assert (await hr.post(pay, data={"milestone": "interviewed"})).status_code == 409
    assert "已发放" in (await colleague.get("/recruiting/referrals", headers=PAGE)).text
    assert (await hr.post(f"/recruiting/referrals/rewards/{new_id()}/pay", data={})).status_code == 404
