"""Analytics of recruiting as sheets: one table each, drawn, exported, and every figure opened to its people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from modules.records import api as records
from modules.recruiting.errors import EntryNotFound
from modules.recruiting.repository import analytics as queries
from modules.recruiting.repository.analytics import Choice, Those
from modules.recruiting.rules.analytics import FEW, Card, Share, judges, kept, wilson
from modules.recruiting.rules.stages import DEFAULT
from modules.recruiting.service import access, lists
from modules.recruiting.shapes import STAGE_KINDS
from zhiren.auth.service import directory
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.web.filters import fen

STAGES: Final = {stage.kind: stage.name for stage in DEFAULT}
MONTHS: Final = (3, 6, 12)
_NO_CHANNEL: Final = {"no_channel": 1}
_WEEKDAYS: Final = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


class Cell(msgspec.Struct, frozen=True):
    """``link`` narrows the list of people; ``few`` marks a figure that stands on few cases. ``value`` is what a
    spreadsheet calculates with, in ``kind``: yuan for "money"."""

    text: str
    link: dict[str, str] | None = None
    few: bool = False
    value: float | Share | None = None
    kind: Literal["count", "days", "money", "share"] = "count"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """``bars`` are the figures drawn, one for each row, in ``unit``."""

    code: str
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, list[Cell]]]
    bars: list[float]
    bar: str
    unit: str = ""
    note: str = ""


def percent(share: Share) -> Cell:
    """``3/12 (9%–53%)``: the cases and the interval, never a bare percentage."""
    if share.whole == 0:
        return Cell("—", kind="share")
    low, high = round(share.low * 100), round(share.high * 100)
    return Cell(f"{share.part}/{share.whole} ({low}%–{high}%)", None, share.few, share, "share")


def _count(number: int, **link: Any) -> Cell:
    narrowed = {name: str(value) for name, value in link.items()} if number else None
    return Cell(str(number), narrowed, value=number)


def _money(amount_fen: int, *, few: bool = False) -> Cell:
    return Cell(fen(amount_fen), None, few, amount_fen / 100, "money")


def _days(row: tuple[int, float, float, float]) -> list[Cell]:
    return [Cell(f"{value:.1f}", None, row[0] < FEW, value, "days") for value in row[1:]]


async def choice_of(ctx: Context, choice: Choice, unit_id: UUID | None) -> Choice:
    """Limited to what the reader may see; a unit stands for those below it too."""
    units: tuple[UUID, ...] = ()
    if unit_id is not None:
        known = {unit.id: unit for unit in await records.org_units(ctx, today())}
        above = {unit_id}
        while more := {unit.id for unit in known.values() if unit.parent_id in above} - above:
            above |= more
        units = tuple(sorted(above))
    return msgspec.structs.replace(choice, unit_ids=units, member=access.member(ctx))


async def sheets(ctx: Context, choice: Choice) -> list[Sheet]:
    """Every sheet; none at all where nobody applied."""
    people = queries.cohort(choice)
    total = (await queries.funnel(ctx.session, people)).get(None, [0])
    if not total[0]:
        return []
    jobs = await queries.job_titles(ctx.session, choice.member)
    channels = {channel.id: channel.name for channel in await queries.channels(ctx.session)}
    found = [_funnel(total)]
    for by, title, names in (
        ("job_id", N_("按职位"), jobs),
        ("channel_id", N_("按渠道"), channels),
        ("month", N_("按月份"), None),
    ):
        found.append(_conversion(by, _(title), await queries.funnel(ctx.session, people, by), names))
    found.append(_stays(await queries.stage_days(ctx.session, people)))
    found.append(_to_hire(await queries.hire_days(ctx.session, people), jobs))
    if choice.member is None and choice.job_id is None and not choice.unit_ids:
        found.append(await _costs(ctx, choice, people))
    found += [await _quality(ctx, people, channels), await _interviewers(ctx, people)]
    for by in ("hour", "weekday"):
        found.append(_shows(by, await queries.shows(ctx.session, people, by)))
    return [*found, await _ended(ctx, people), _scores(await queries.scores(ctx.session, people))]


async def sheet(ctx: Context, choice: Choice, code: str) -> Sheet:
    """Raises EntryNotFound."""
    for one in await sheets(ctx, choice):
        if one.code == code:
            return one
    raise EntryNotFound(_("没有这个列表。"))


def _funnel(total: list[int]) -> Sheet:
    rows = []
    for step, kind in enumerate(STAGE_KINDS):
        before = total[step - 1] if step else total[0]
        cells = [
            _count(total[step], reached=step),
            percent(wilson(total[step], before)),
            percent(wilson(total[step], total[0])),
        ]
        rows.append((_(STAGES[kind]), cells))
    heads = (_("阶段"), _("到过的人数"), _("占上一阶段"), _("占全部应聘"))
    return Sheet(
        code="funnel", title=_("招聘漏斗"), heads=heads, rows=rows, bars=[float(n) for n in total], bar=_("到过的人数")
    )


def _conversion(by: str, title: str, found: dict[Any, list[int]], names: dict[UUID, str] | None) -> Sheet:
    rows = []
    for key, steps in found.items():
        name = key if names is None else names.get(key, _("未注明"))
        link = {by: key} if key is not None else _NO_CHANNEL
        counts = [_count(steps[n], reached=n, **link) for n in (0, 2, 3, 5)]
        rows.append((name, [*counts, percent(wilson(steps[5], steps[0]))]))
    heads = (title, _("应聘"), _("面试"), _("录用"), _("已入职"), _("入职占应聘"))
    bars = [float(steps[0]) for steps in found.values()]
    return Sheet(code=by.removesuffix("_id"), title=title, heads=heads, rows=rows, bars=bars, bar=_("应聘"))


def _stays(found: dict[str, tuple[int, float, float, float]]) -> Sheet:
    kinds = [kind for kind in STAGE_KINDS if kind in found]
    rows = [(_(STAGES[kind]), [_count(found[kind][0], left=kind), *_days(found[kind])]) for kind in kinds]
    heads = (_("阶段"), _("次数"), _("下四分位（天）"), _("中位数（天）"), _("上四分位（天）"))
    bars = [round(found[kind][2], 1) for kind in kinds]
    note = _("只算已经离开这个阶段的；还停在里面的不算。")
    return Sheet(
        code="stays", title=_("各阶段用时"), heads=heads, rows=rows, bars=bars, bar=_("中位数（天）"), note=note
    )


def _to_hire(found: dict[UUID, tuple[int, float, float, float]], jobs: dict[UUID, str]) -> Sheet:
    rows = [
        (jobs.get(key, ""), [_count(row[0], reached=queries.HIRED, job_id=key), *_days(row)])
        for key, row in found.items()
    ]
    heads = (_("职位"), _("入职人数"), _("下四分位（天）"), _("中位数（天）"), _("上四分位（天）"))
    bars = [round(row[2], 1) for row in found.values()]
    return Sheet(code="hire", title=_("从应聘到入职"), heads=heads, rows=rows, bars=bars, bar=_("中位数（天）"))


async def _costs(ctx: Context, choice: Choice, people: Any) -> Sheet:
    steps = await queries.funnel(ctx.session, people, "channel_id")
    rows, bars = [], []
    for channel in await queries.channels(ctx.session):
        if choice.channel_id not in (None, channel.id):
            continue
        since, until = f"{choice.since:%Y-%m}", f"{choice.until:%Y-%m}"
        spent = sum(amount for month, amount in channel.costs.items() if since <= month < until)
        hired = steps.get(channel.id, [0] * 6)[queries.HIRED]
        if spent or hired:
            each = _money(round(spent / hired), few=hired < FEW) if hired else Cell("—", kind="money")
            count = _count(hired, reached=queries.HIRED, channel_id=channel.id)
            rows.append((channel.name, [_money(spent), count, each]))
            bars.append(round(spent / hired / 100, 2) if hired else 0.0)
    heads = (_("渠道"), _("费用"), _("入职人数"), _("人均费用"))
    note = _("费用是所选月份的渠道费用，入职的是这些月份应聘的人。")
    return Sheet(
        code="cost",
        title=_("人均招聘费用"),
        heads=heads,
        rows=rows,
        bars=bars,
        bar=_("人均费用"),
        unit=_("元"),
        note=note,
    )


async def _fates(ctx: Context, people: Any) -> list[tuple[Any, records.Tenure]]:
    hires = await queries.hires(ctx.session, people)
    known = await records.tenures(ctx, [row.employee_id for row in hires])
    return [(row, known[row.employee_id]) for row in hires if row.employee_id in known]


def _share(outcomes: Collection[bool | None]) -> Share:
    known = [outcome for outcome in outcomes if outcome is not None]
    return wilson(sum(known), len(known))


async def _quality(ctx: Context, people: Any, channels: dict[UUID, str]) -> Sheet:
    groups: dict[Any, list[records.Tenure]] = {}
    for row, tenure in await _fates(ctx, people):
        groups.setdefault(row.channel_id, []).append(tenure)
    rows, bars = [], []
    for key, tenures in groups.items():
        stayed = [percent(_share([kept(t.hired_on, t.left_on, n, today()) for t in tenures])) for n in MONTHS]
        count = _count(len(tenures), employed=1, **({"channel_id": key} if key else _NO_CHANNEL))
        rows.append((channels.get(key, _("未注明")), [count, *stayed, percent(_share([t.passed for t in tenures]))]))
        bars.append(float(len(tenures)))
    heads = (_("渠道"), _("入职人数"), *(_("满 {n} 个月仍在职", n=n) for n in MONTHS), _("通过试用期"))
    note = _("只算已满这个时间或已经离开的人。入职后的绩效尚未纳入。")
    return Sheet(code="quality", title=_("渠道质量"), heads=heads, rows=rows, bars=bars, bar=_("入职人数"), note=note)


async def _interviewers(ctx: Context, people: Any) -> Sheet:
    passed = {row.id: tenure.passed for row, tenure in await _fates(ctx, people)}
    cards = [
        Card(row.interview_id, row.user_id, row.verdict in ("yes", "strong_yes"), passed.get(row.application_id))
        for row in await queries.verdicts(ctx.session, people)
    ]
    found = judges(cards)
    names = await directory.user_refs(ctx, list(found))
    rows = []
    for user_id, judge in found.items():
        shares = (judge.yes, judge.others_yes, judge.agreed, judge.lasting)
        name = names[user_id].name if user_id in names else "—"
        rows.append((name, [_count(judge.interviews, interviewer=user_id), *map(percent, shares)]))
    heads = (
        _("面试官"),
        _("面试次数"),
        _("给出推荐"),
        _("同场其他人推荐"),
        _("与多数一致"),
        _("推荐并入职者通过试用期"),
    )
    note = _("只算评价已全部提交的面试，不用来给面试官打分。")
    bars = [float(judge.interviews) for judge in found.values()]
    return Sheet(
        code="interviewers", title=_("面试官"), heads=heads, rows=rows, bars=bars, bar=_("面试次数"), note=note
    )


def _shows(by: str, found: dict[int, tuple[int, int, int]]) -> Sheet:
    rows = []
    for key, (due, done, beyond) in found.items():
        name = f"{key:02d}:00" if by == "hour" else _(_WEEKDAYS[key - 1])
        rows.append((name, [_count(due, **{by: key}), percent(wilson(done, due)), percent(wilson(beyond, done))]))
    title = _("面试时段") if by == "hour" else _("面试星期")
    heads = (title, _("面试次数"), _("到场"), _("到场后进入录用"))
    bars = [float(row[0]) for row in found.values()]
    return Sheet(code=by, title=title, heads=heads, rows=rows, bars=bars, bar=_("面试次数"))


async def _ended(ctx: Context, people: Any) -> Sheet:
    names, found = await lists.names(ctx, "reason"), await queries.ended(ctx.session, people)
    total, rows = sum(row[2] for row in found), []
    for stage, reason, count in found:
        name = _(STAGES[stage]) + " · " + (names.get(reason, reason) or _("未注明"))
        rows.append((name, [_count(count, stage=stage, reason=reason), percent(wilson(count, total))]))
    heads = (_("阶段与原因"), _("人数"), _("占全部流失"))
    bars = [float(row[2]) for row in found]
    return Sheet(code="ended", title=_("流失"), heads=heads, rows=rows, bars=bars, bar=_("人数"))


def _scores(found: dict[int, int]) -> Sheet:
    total = sum(found.values())
    rows = [
        (_("{n} 分", n=n), [_count(found.get(n, 0), score=n), percent(wilson(found.get(n, 0), total))])
        for n in range(5, 0, -1)
    ]
    heads, bars = (_("评分"), _("人数"), _("占全部评价")), [float(found.get(n, 0)) for n in range(5, 0, -1)]
    return Sheet(
        code="survey", title=_("候选人满意度"), heads=heads, rows=rows if total else [], bars=bars, bar=_("人数")
    )


async def behind(ctx: Context, choice: Choice, those: Those) -> Sequence[Any]:
    """The people of one figure: as many as it counts."""
    only = None
    if those.employed:
        only = [row.id for row, _tenure in await _fates(ctx, queries.cohort(choice))]
    return await queries.people(ctx.session, choice, those, only)
