"""The customer's screening rules on a job: tried on who applied before, saved with a reason, run again, undone."""

from __future__ import annotations

from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting, NotReady
from modules.recruiting.models import Job
from modules.recruiting.repository import Case
from modules.recruiting.repository import openings as queries
from modules.recruiting.repository import screenings as runs
from modules.recruiting.rules import screening
from modules.recruiting.service import applications, openings, timeline
from modules.recruiting.shapes import DEGREES, Finding, Question, Rule
from modules.recruiting.words_openings import RULE_FIELDS
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id

MAX_RULES = 20
#: the newest applications rules are tried on
TRIED = 500
_EARLY = ("new", "screening")


class Verdict(msgspec.Struct, frozen=True):
    """One person before one rule."""

    application_id: UUID
    name: str
    seen: str


class Trial(msgspec.Struct, frozen=True):
    """What one rule does: the people by outcome, newest first."""

    rule: Rule
    passed: list[Verdict]
    failed: list[Verdict]
    unknown: list[Verdict]


class Trials(msgspec.Struct, frozen=True):
    rules: list[Trial]
    #: people tried on, and how many of them a rule would set aside
    people: int
    set_aside: int


class Outcome(msgspec.Struct, frozen=True):
    """What a run on everybody changed."""

    looked_at: int
    set_aside: int
    brought_back: int


async def try_rules(ctx: Context, job_id: UUID, rules: list[Rule]) -> Trials:
    """Who passes and who fails, of everybody who applied for the job; nothing is changed."""
    job = await openings.find(ctx, job_id)
    check(job, rules)
    found = await queries.cases(ctx.session, job, limit=TRIED)
    judged = [(case, screening.judge(rules, _facts(case))) for case in found]
    return Trials(
        rules=[_trial(rule, [(case, findings[at]) for case, findings in judged]) for at, rule in enumerate(rules)],
        people=len(judged),
        set_aside=sum(screening.set_aside(findings) for _case, findings in judged),
    )


async def save(ctx: Context, job_id: UUID, rules: list[Rule], *, reason: str, version: int | None = None) -> Job:
    """From now on everybody who applies is judged by them; who applied before is not, until ``run``. ``reason`` stands
    in the audit. Raises InvalidRecruiting without one."""
    job = await openings.find(ctx, job_id, version)
    check(job, rules)
    if not reason.strip():
        raise InvalidRecruiting(_("请写明为什么这样筛选。"), fields={"reason": _("必填")})
    asked = {f"answer:{one.code}": one.text[:30] for one in msgspec.convert(job.questions, list[Question])}
    titles = asked | {name: _(title) for name, title in RULE_FIELDS.items()}
    rules = [msgspec.structs.replace(rule, name=rule.name or titles.get(rule.field, "")) for rule in rules]
    before, job.rules = job.rules, msgspec.to_builtins(rules)
    await ctx.session.flush()
    openings.record(ctx, "rules", job, {"rules": (before, job.rules)}, reason=reason.strip()[:200])
    return job


async def run(ctx: Context, job_id: UUID) -> Outcome:
    """Judges everybody anew who is in the first stages. Who fails a rule that sets aside is set aside, who no longer
    fails one comes back. Whom a person brought back stays: people decide last."""
    job = await openings.find(ctx, job_id)
    rules = msgspec.convert(job.rules, list[Rule])
    found = await queries.cases(ctx.session, job, states=("active", "set_aside"), kinds=_EARLY, limit=None)
    decided = await runs.decided_by_people(ctx.session, [case.application.id for case in found])
    run_id, aside, back = str(new_id()), 0, 0
    for case in found:
        application = case.application
        findings = screening.judge(rules, _facts(case))
        state = "set_aside" if screening.set_aside(findings) else "active"
        if application.id in decided:
            state = application.state
        data: dict[str, object] = {"run": run_id, "from": application.state, "to": state}
        data["before"] = application.findings
        application.findings = msgspec.to_builtins(findings)
        _note(ctx, case, "screened", data | {"findings": application.findings})
        if state != application.state:
            aside, back = aside + (state == "set_aside"), back + (state == "active")
            _note(ctx, case, "set_aside" if state == "set_aside" else "restored", {"run": run_id})
            application.state = state
    openings.record(ctx, "screen", job, {"set_aside": (None, aside), "restored": (None, back)})
    return Outcome(looked_at=len(found), set_aside=aside, brought_back=back)


async def undoable(ctx: Context, job: Job) -> bool:
    """Whether there is a run on everybody to take back."""
    return bool(await runs.last_run(ctx.session, job.id))


async def undo(ctx: Context, job_id: UUID) -> int:
    """Takes the last run on everybody back: states and findings are what they were, but of those whom somebody moved
    since. Returns how many. Raises NotReady where there is nothing to take back."""
    job = await openings.find(ctx, job_id)
    events = await runs.last_run(ctx.session, job.id)
    if not events:
        raise NotReady(_("没有可以撤销的筛选。"))
    run_id, count = events[0][0].data["run"], 0
    for event, case in events:
        application, data = case.application, event.data
        if application.state != data["to"] or application.stage_kind not in _EARLY:
            continue
        application.findings = data["before"]
        if data["from"] != data["to"]:
            application.state = data["from"]
            _note(ctx, case, "restored" if data["from"] == "active" else "set_aside", {"run": run_id})
        count += 1
    # the events stay: what was done was done; that it is undone is said by the run's own mark
    for event, _case in events:
        event.data = event.data | {"undone": True}
    openings.record(ctx, "unscreen", job, {"applications": (None, count)})
    return count


def check(job: Job, rules: list[Rule]) -> None:
    """Raises InvalidRecruiting for what cannot be judged."""
    if len(rules) > MAX_RULES:
        raise InvalidRecruiting(_("规则最多 {count} 条。", count=MAX_RULES))
    questions = {f"answer:{question.code}" for question in msgspec.convert(job.questions, list[Question])}
    for rule in rules:
        name = rule.name or rule.value
        if rule.field not in screening.FIELDS and rule.field not in questions:
            raise InvalidRecruiting(_("规则“{name}”问的内容已经不在了。", name=name))
        if not rule.value or len(rule.value) > 200:
            raise InvalidRecruiting(_("规则“{name}”要填比较的值。", name=name))
        ordered = rule.op in ("at_least", "at_most")
        if rule.field == "degree" and rule.op != "contains":
            wanted = rule.value.replace("，", ",").replace("、", ",").split(",")
            if not {one.strip() for one in wanted} <= set(DEGREES):
                raise InvalidRecruiting(_("规则“{name}”的学历不对。", name=name))
        elif ordered and not _is_number(rule.value):
            raise InvalidRecruiting(_("规则“{name}”要填数字。", name=name))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _facts(case: Case) -> dict[str, object]:
    return applications.facts_of(case.candidate, case.application.answers)


def _trial(rule: Rule, judged: list[tuple[Case, Finding]]) -> Trial:
    sides: dict[str, list[Verdict]] = {"passed": [], "failed": [], "unknown": []}
    for case, finding in judged:
        sides[finding.outcome].append(Verdict(case.application.id, case.candidate.name, finding.seen))
    return Trial(rule, **sides)


def _note(ctx: Context, case: Case, kind: str, data: dict[str, object]) -> None:
    timeline.add(ctx, kind, candidate_id=case.candidate.id, application_id=case.application.id, data=data)
