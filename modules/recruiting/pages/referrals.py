"""内部推荐: colleagues recommend and see how it goes; recruiting sees what is due and says what was paid."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words
from modules.recruiting.models import Job
from modules.recruiting.pages.brought import read_introduction, take_resume
from modules.recruiting.pages.channels import qr
from modules.recruiting.pages.jobs import pay_text
from modules.recruiting.rules import rewards as rules
from modules.recruiting.rules.rewards import MILESTONES, RewardRule
from modules.recruiting.rules.slugs import tracked
from modules.recruiting.rules.told import standing
from modules.recruiting.service import access, consents, referrals, rewards
from modules.recruiting.shapes import DEGREES
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.files import UPLOAD_BODY_BYTES
from zhiren.i18n import N_, _
from zhiren.ids import NO_ID
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form, uuid_of

BASE: Final = "/recruiting/referrals"
_STATES: Final = {
    "open": ("", N_("未达成")),
    "due": ("warning", N_("待发放")),
    "paid": ("success", N_("已发放")),
    "lost": ("", N_("不再发放")),
}


@get(BASE, permission=access.REFER)
async def home_page(ctx: Context) -> Page:
    known = await rewards.rules(ctx)
    jobs = [(job, rewards.rule_of(known, job)) for job in await referrals.jobs(ctx)]
    return page("recruiting/referrals.html", jobs=jobs, mine=await referrals.mine(ctx), **_words())


@get(BASE + "/jobs/{job_id:uuid}", permission=access.REFER)
async def job_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page:
    return await _job(request, ctx, await referrals.job_of(ctx, job_id), {})


@post(BASE + "/jobs/{job_id:uuid}", permission=access.REFER, status_code=200, request_max_body_size=UPLOAD_BODY_BYTES)
async def refer_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    job = await referrals.job_of(ctx, job_id)
    form = await read_form(request)
    values = form.starting("")
    assert ctx.actor.user_id is not None

    async def read(name: str, data: bytes) -> Any:
        return await referrals.read_resume(ctx, job, name, data)

    try:
        if await take_resume(request, form, values, read):
            return await _job(request, ctx, job, values)
        async with ctx.session.begin_nested():
            by = (ctx.actor.user_id, ctx.actor.name)
            said = read_introduction(form, values, locale=ctx.locale, source=referrals.SOURCE, by=by)
            await referrals.refer(ctx, job, said)
    except ZhirenError as refusal:
        request.state.commit = True  # the résumé that was read stays for the next try
        return await _job(request, ctx, job, values, refusal)
    return redirect(BASE, _("推荐已提交，进度会显示在这里"))


@get(BASE + "/jobs/{job_id:uuid}/qr.svg", permission=access.REFER)
async def qr_image(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Response[bytes]:
    job = await referrals.job_of(ctx, job_id)
    return Response(qr(_link(request, ctx, job)), media_type="image/svg+xml")


# ---- rewards


@get(BASE + "/rewards", permission=access.MANAGE)
async def rewards_page(ctx: Context) -> Page:
    return await _rewards(ctx, None)


@post(BASE + "/rewards/{application_id:uuid}/pay", permission=access.MANAGE, status_code=303)
async def pay_page(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    await rewards.pay(ctx, application_id, form["milestone"])
    return redirect(f"{BASE}/rewards", _("已标记为发放。"))


@get(BASE + "/rules", permission=access.SETTINGS)
async def rules_page(ctx: Context, job: FromQuery[str] = "") -> Page:
    known = await rewards.rules(ctx)
    return await _rules(ctx, _typed(known.jobs.get(uuid_of(job) or NO_ID, known.house)) | {"job": job}, None)


@post(BASE + "/rules", permission=access.SETTINGS, status_code=303)
async def save_rule_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    fields = Fields(await read_form(request))
    try:
        job_id = fields.identity("job")
        amounts = {name: fields.money(name) or 0 for name in MILESTONES}
        rule = RewardRule(**amounts, months=fields.whole("months", 3))
        fields.check()
        job = await referrals.job_of(ctx, job_id) if job_id else None
        drop = job is not None and fields.text("do") == "drop"
        await rewards.save_rule(ctx, job, None if drop else rule)
    except ZhirenError as refusal:
        return await _rules(ctx, fields.form.starting(""), refusal)
    return redirect(f"{BASE}/rules", _("已保存。"))


# ---- within


def _link(request: AnyRequest, ctx: Context, job: Job) -> str:
    return tracked(f"{str(request.base_url).rstrip('/')}/careers/{job.slug}", referrals.code_of(ctx))


def _words() -> dict[str, Any]:
    return {
        "standing": standing,
        "title": rules.title,
        "milestones": MILESTONES,
        "states": _STATES,
        "types": words.EMPLOYMENT_TYPES,
    }


def _typed(rule: RewardRule) -> dict[str, Any]:
    return {name: pay_text(rule.amount(name)) for name in MILESTONES} | {"months": rule.months}


async def _job(
    request: AnyRequest, ctx: Context, job: Job, values: dict[str, Any], error: ZhirenError | None = None
) -> Page:
    return page(
        "recruiting/referral_job.html",
        status_code=error.status if error else 200,
        job=job,
        rule=rewards.rule_of(await rewards.rules(ctx), job),
        link=_link(request, ctx, job),
        values=values,
        degrees=[(code, _(words.DEGREES[code])) for code in DEGREES if code],
        consent=await consents.text_of(ctx, "introduced"),
        error=error,
        errors=error.fields if error else {},
        **_words(),
    )


async def _rewards(ctx: Context, error: ZhirenError | None) -> Page:
    found = await rewards.promised(ctx)
    ids = [one.case.application.referrer_id for one in found]
    people = await directory.user_refs(ctx, {one for one in ids if one is not None})
    due = [(one, reward) for one in found for reward in one.rewards if reward.state == "due"]
    return page("recruiting/referral_rewards.html", due=due, people=people, error=error, **_words())


async def _rules(ctx: Context, values: dict[str, Any], error: ZhirenError | None) -> Page:
    known = await rewards.rules(ctx)
    jobs = await referrals.jobs(ctx)
    return page(
        "recruiting/referral_rules.html",
        status_code=error.status if error else 200,
        house=known.house,
        own=[(job, known.jobs[job.id]) for job in jobs if job.id in known.jobs],
        job_choices=[(job.id, f"{job.title} {job.number}") for job in jobs],
        values=values,
        error=error,
        errors=error.fields if error else {},
        **_words(),
    )


NAVIGATION: Final = (NavItem(N_("内部推荐"), BASE, access.REFER, icon="users", section=N_("招聘"), order=66),)
route_handlers: tuple[Any, ...] = (
    home_page,
    job_page,
    refer_page,
    qr_image,
    rewards_page,
    pay_page,
    rules_page,
    save_rule_page,
)
