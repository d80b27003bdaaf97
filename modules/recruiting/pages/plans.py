"""How people go through a job, on pages: stages, questions, rounds of interviews, and screening rules."""

from __future__ import annotations

from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from modules.recruiting import words_openings as words
from modules.recruiting.errors import JobNotFound
from modules.recruiting.models import Job
from modules.recruiting.repository import openings as queries
from modules.recruiting.rules.plans import new_code, rearranged, rows, with_stage
from modules.recruiting.rules.screening import FIELDS
from modules.recruiting.service import access, openings, plans, screenings
from modules.recruiting.shapes import Criterion, Question, Round, Rule, Stage
from modules.recruiting.words import DEGREES, YES_NO, meant, told
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Form, read_form

BASE: Final = "/recruiting/jobs"
T = TypeVar("T", bound=msgspec.Struct)


@get(BASE + "/{job_id:uuid}/settings", permission=access.HIRE)
async def settings_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    return await _settings(ctx, job_id, None)


@post(BASE + "/{job_id:uuid}/stages", permission=access.HIRE, status_code=303)
async def stages_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    return await _saved(ctx, job_id, "stages", plans.set_stages(ctx, job_id, read_stages(form), _version(form)))


@post(BASE + "/{job_id:uuid}/questions", permission=access.HIRE, status_code=303)
async def questions_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    job = await openings.find(ctx, job_id)
    read = read_questions(form, taken=[one["code"] for one in job.questions])
    return await _saved(ctx, job_id, "questions", plans.set_questions(ctx, job_id, read, _version(form)))


@post(BASE + "/{job_id:uuid}/rounds", permission=access.HIRE, status_code=303)
async def rounds_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    job = await openings.find(ctx, job_id)
    read = read_rounds(form, taken=[one["code"] for one in job.rounds])
    return await _saved(ctx, job_id, "rounds", plans.set_rounds(ctx, job_id, read, _version(form)))


@get(BASE + "/{job_id:uuid}/rules", permission=access.HIRE)
async def rules_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    job = await openings.find(ctx, job_id)
    return await _rules(ctx, job, msgspec.convert(job.rules, list[Rule]), "", None)


@post(BASE + "/{job_id:uuid}/rules/try", permission=access.HIRE, status_code=200)
async def try_rules_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page:
    """Who would pass and who would fail; nothing is stored."""
    rules = read_rules(await read_form(request), await openings.find(ctx, job_id))
    try:
        trials = await screenings.try_rules(ctx, job_id, rules)
    except JobNotFound:
        raise
    except ZhirenError as refusal:
        return page("recruiting/rules_trial.html", trials=None, error=refusal, told=told)
    return page("recruiting/rules_trial.html", trials=trials, error=None, told=told)


@post(BASE + "/{job_id:uuid}/rules", permission=access.HIRE, status_code=303)
async def save_rules_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    job, reason = await openings.find(ctx, job_id), form["reason"].strip()
    rules = read_rules(form, job)
    if form["do"].startswith(("up:", "down:", "remove:")):
        return await _rules(ctx, job, rearranged(rules, form["do"]), reason, None)
    try:
        async with ctx.session.begin_nested():
            await screenings.save(ctx, job_id, rules, reason=reason, version=_version(form))
    except ZhirenError as refusal:
        await ctx.session.refresh(job)
        return await _rules(ctx, job, rules, reason, refusal)
    return redirect(f"{BASE}/{job_id}/rules", _("已保存，以后的应聘按新规则筛选。"))


@post(BASE + "/{job_id:uuid}/rules/run", permission=access.HIRE, status_code=303)
async def run_rules_page(ctx: Context, job_id: FromPath[UUID]) -> Redirect:
    done = await screenings.run(ctx, job_id)
    told = _(
        "看了 {count} 份应聘：{aside} 份移到暂不考虑，{back} 份恢复。",
        count=done.looked_at,
        aside=done.set_aside,
        back=done.brought_back,
    )
    return redirect(f"{BASE}/{job_id}/rules", told)


@post(BASE + "/{job_id:uuid}/rules/undo", permission=access.HIRE, status_code=303)
async def undo_rules_page(ctx: Context, job_id: FromPath[UUID]) -> Redirect:
    count = await screenings.undo(ctx, job_id)
    return redirect(f"{BASE}/{job_id}/rules", _("已撤销，{count} 份应聘回到筛选之前。", count=count))


# ---- what was typed


def read_stages(form: Form) -> list[Stage]:
    typed = [row for _at, row in rows(form.starting("stage.")) if row.get("name")]
    taken = [row["code"] for row in typed if row.get("code")]
    found: list[Stage] = []
    added: list[Stage] = []
    for row in typed:
        code = row.get("code", "")[:30] or new_code("s", taken)
        taken.append(code)
        kind: Any = row["kind"] if row.get("kind") in words.STAGE_KINDS else "interview"
        (found if row.get("code") else added).append(Stage(code, row["name"], kind))
    found = rearranged(found, form["do"])
    for stage in added:
        found = with_stage(found, stage)
    return found


def read_questions(form: Form, taken: list[str]) -> list[Question]:
    found: list[Question] = []
    seen = list(taken)
    for _at, row in rows(form.starting("question.")):
        if not row.get("text"):
            continue
        code = row["code"] if row.get("code") in taken else new_code("q", seen)
        seen.append(code)
        kind: Any = row["kind"] if row.get("kind") in words.QUESTION_KINDS else "text"
        choices = _split(row.get("choices", "")) if kind == "choice" else ()
        required = bool(row.get("required"))
        found.append(Question(code=code, text=row["text"], kind=kind, choices=choices, required=required))
    return rearranged(found, form["do"])


def read_rounds(form: Form, taken: list[str]) -> list[Round]:
    found: list[Round] = []
    seen = list(taken)
    for at, row in rows(form.starting("round.")):
        if not row.get("name"):
            continue
        code = row["code"] if row.get("code") in taken else new_code("r", seen)
        seen.append(code)
        mode: Any = row["mode"] if row.get("mode") in words.MODES else "video"
        minutes = row.get("duration_min", "")
        criteria = [Criterion(code=f"c{n}", name=name) for n, name in enumerate(_lines(row.get("criteria", "")), 1)]
        found.append(
            Round(
                code=code,
                name=row["name"],
                mode=mode,
                duration_min=int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 5 else 0,
                panel=tuple(_users(form.all(f"round.{at}.panel"))),
                questions=tuple(_lines(row.get("questions", ""))),
                criteria=tuple(criteria),
            )
        )
    return rearranged(found, form["do"])


def read_rules(form: Form, job: Job) -> list[Rule]:
    """Values are written as people say them: a degree by its name, the answer to yes or no as 是 or 否."""
    asked = {f"answer:{one.code}" for one in msgspec.convert(job.questions, list[Question]) if one.kind == "yes_no"}
    found: list[Rule] = []
    for _at, row in rows(form.starting("rule.")):
        if not row.get("value"):
            continue
        field = row.get("field", "")
        op: Any = row["op"] if row.get("op") in words.RULE_OPS else "is"
        effect: Any = "set_aside" if row.get("effect") == "set_aside" else "flag"
        code = row.get("code", "")[:30] or new_code("k", [rule.code for rule in found] + _codes(form))
        name, value = row.get("name", "")[:30], row["value"]
        if field == "degree" or field in asked:
            value = meant(value, "degree" if field == "degree" else "yes_no")
        found.append(Rule(code=code, name=name, field=field[:60], op=op, value=value, effect=effect))
    return found


def _codes(form: Form) -> list[str]:
    return [row["code"] for _at, row in rows(form.starting("rule.")) if row.get("code")]


def _split(text: str) -> tuple[str, ...]:
    parts = text.replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
    return tuple(dict.fromkeys(part.strip()[:60] for part in parts if part.strip()))


def _lines(text: str) -> list[str]:
    return [line.strip()[:200] for line in text.splitlines() if line.strip()][:20]


def _users(texts: list[str]) -> list[str]:
    found = []
    for text in dict.fromkeys(text for text in texts if text):
        try:
            found.append(str(UUID(text)))
        except ValueError:
            continue
    return found[:20]


def _version(form: Form) -> int | None:
    text = form["version"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


# ---- answers


async def _saved(ctx: Context, job_id: UUID, part: str, saving: Any) -> Page | Redirect:
    try:
        async with ctx.session.begin_nested():
            await saving
    except JobNotFound:
        raise
    except ZhirenError as refusal:
        return await _settings(ctx, job_id, refusal, part)
    return redirect(f"{BASE}/{job_id}/settings#{part}", _("已保存。"))


async def _settings(ctx: Context, job_id: UUID, refusal: ZhirenError | None, part: str = "") -> Page:
    job = await openings.find(ctx, job_id)
    await ctx.session.refresh(job)
    rounds = msgspec.convert(job.rounds, list[Round])
    users = {str(user.id): user.name for user in await directory.active_users(ctx)}
    return page(
        "recruiting/job_settings.html",
        status_code=refusal.status if refusal else 200,
        job=job,
        stages=msgspec.convert(job.stages, list[Stage]),
        standing=await queries.people_by_stage(ctx.session, job.id),
        questions=msgspec.convert(job.questions, list[Question]),
        rounds=rounds,
        users=users,
        words=words,
        error=refusal,
        part=part,
    )


async def _rules(ctx: Context, job: Job, rules: list[Rule], reason: str, refusal: ZhirenError | None) -> Page:
    questions = msgspec.convert(job.questions, list[Question])
    asked = [(f"answer:{one.code}", _("回答：{question}", question=one.text)) for one in questions]
    return page(
        "recruiting/rules.html",
        status_code=refusal.status if refusal else 200,
        job=job,
        rules=rules,
        fields=[(name, _(words.RULE_FIELDS[name])) for name in FIELDS] + asked,
        values=[_(title) for title in (*DEGREES.values(), *YES_NO.values())],
        told=told,
        reason=reason,
        undoable=await screenings.undoable(ctx, job),
        words=words,
        error=refusal,
    )


route_handlers = (
    settings_page,
    stages_page,
    questions_page,
    rounds_page,
    rules_page,
    try_rules_page,
    save_rules_page,
    run_rules_page,
    undo_rules_page,
)
