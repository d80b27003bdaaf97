"""The board of a job: what stands where, and what people do with several at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting import words
from modules.recruiting.errors import ApplicationEnded, BoardChanged, InvalidRecruiting
from modules.recruiting.models import Job
from modules.recruiting.repository import Case
from modules.recruiting.repository import pipeline as queries
from modules.recruiting.service import access, applications, lists
from modules.recruiting.shapes import Finding, Stage
from zhiren import audit
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _

#: cards of a column that come with the page; the rest comes when asked for
FIRST: Final = 50
#: of one bulk act
MAX_CHOSEN: Final = 500
ENDED: Final = ("rejected", "withdrawn", "hired")
#: lists beside the board: name -> states
SHOWS: Final[dict[str, tuple[str, ...]]] = {
    "active": ("active",),
    "set_aside": ("set_aside",),
    "on_hold": ("on_hold",),
    "ended": ENDED,
}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One application as a board or list shows it; nothing of it is sealed."""

    id: UUID
    version: int
    candidate_id: UUID
    name: str
    stage: str
    state: str
    degree: str
    school: str
    employer: str
    title: str
    city: str
    years: float | None
    channel: str
    tags: tuple[str, ...]
    applied_at: datetime
    stage_since: datetime
    ended_at: datetime | None
    reason: str
    findings: tuple[Finding, ...]

    @property
    def days(self) -> int:
        """Whole days in the stage."""
        return max(0, (datetime.now(UTC) - self.stage_since).days)

    @property
    def degree_title(self) -> str:
        return words.degree(self.degree)

    def found(self, outcome: str) -> list[str]:
        """Names of the rules with this outcome."""
        return [finding.name for finding in self.findings if finding.outcome == outcome]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    stage: Stage
    count: int
    cards: list[Card]

    @property
    def more(self) -> int:
        return max(0, self.count - len(self.cards))


class Board(msgspec.Struct, frozen=True, kw_only=True):
    job: Job
    columns: list[Column]
    #: how many in each list of ``SHOWS``
    shows: dict[str, int]

    @property
    def counts(self) -> dict[str, int]:
        return {column.stage.code: column.count for column in self.columns}


async def board(ctx: Context, job_id: UUID) -> Board:
    """Every column with its count and first cards. Raises JobNotFound."""
    job = await access.job_of(ctx, job_id)
    stages, states = await queries.counts(ctx.session, job_id)
    by_stage: dict[str, list[Card]] = {}
    for row in await queries.first_of_columns(ctx.session, job_id, FIRST):
        by_stage.setdefault(row.stage, []).append(card_of(row))
    columns = [
        Column(stage=stage, count=stages.get(stage.code, 0), cards=by_stage.get(stage.code, []))
        for stage in applications.stages_of(job)
    ]
    return Board(job=job, columns=columns, shows=_shows(states))


async def more(ctx: Context, job_id: UUID, stage: str, after: UUID) -> tuple[Job, list[Card]]:
    """The next cards of a column. Raises JobNotFound."""
    job = await access.job_of(ctx, job_id)
    return job, [card_of(row) for row in await queries.following(ctx.session, job_id, stage, after, FIRST)]


async def shows(ctx: Context, job_id: UUID) -> dict[str, int]:
    return _shows((await queries.counts(ctx.session, job_id))[1])


async def stage_counts(ctx: Context, job_id: UUID) -> dict[str, int]:
    return (await queries.counts(ctx.session, job_id))[0]


async def card(ctx: Context, application_id: UUID) -> Card:
    return card_of(await queries.card(ctx.session, application_id))


def card_of(row: Any) -> Card:
    values = row._mapping
    return Card(
        **{name: values[name] for name in Card.__struct_fields__ if name not in ("findings", "tags", "channel")},
        findings=tuple(msgspec.convert(values["findings"], list[Finding])),
        tags=tuple(values["tags"]),
        channel=values["channel"] or "",
    )


async def move(
    ctx: Context, application_id: UUID, stage: str, *, version: int, before: UUID | None = None, placed: bool = False
) -> Case:
    """To ``stage``, ahead of the card ``before``; ``placed`` within the same stage without one: to its end.

    Raises BoardChanged where somebody else was quicker, StageUnknown, ApplicationEnded, ApplicationNotFound."""
    case = await access.application_of(ctx, application_id)
    await queries.hold_board(ctx.session, case.job.id)
    await ctx.session.refresh(case.application, with_for_update=True)
    await unchanged(ctx, case, version)
    application = case.application
    rank = 0 if application.stage != stage else None
    if placed and before is None and application.stage == stage:
        rank = await queries.last_rank(ctx.session, case.job.id, stage) + 1
    if before is not None and before != application.id:
        gap = await queries.make_room(ctx.session, case.job.id, stage, before)
        rank = rank if gap is None else gap
    earlier = application.rank
    moves = application.stage != stage
    await applications.move(ctx, case, stage, rank=rank)
    if not moves and application.rank != earlier:
        audit.record(
            ctx,
            "recruiting.application.place",
            object_type="recruiting.application",
            object_id=application.id,
            changes={"place": (earlier, application.rank)},
        )
    await ctx.session.flush()
    return case


async def unchanged(ctx: Context, case: Case, version: int) -> None:
    """Raises BoardChanged unless the application is as the page showed it."""
    if case.application.version == version:
        return
    who = await queries.last_touch(ctx.session, case.application.id)
    name, me = case.candidate.name, ctx.actor.name
    if who and who != me:
        raise BoardChanged(_("{who} 刚处理过 {name}，您的操作没有执行。", who=who, name=name), hint=_look_again())
    raise BoardChanged(_("{name} 的情况刚有变化，您的操作没有执行。", name=name), hint=_look_again())


def _look_again() -> str:
    return _("看板已刷新，请核对后再试。")


class Outcome(msgspec.Struct, kw_only=True):
    """What became of a bulk act: how many it was done to, and who was left as they were, with why."""

    done: int = 0
    left: list[tuple[str, str]] = msgspec.field(default_factory=list)

    def sentence(self, done: str) -> str:
        """``done`` says how many; what was left follows, three by name."""
        if not self.left:
            return done
        names = "、".join(name for name, _why in self.left[:3])
        why = self.left[0][1]
        return done + _("有 {count} 人没有处理（{names}）：{why}", count=len(self.left), names=names, why=why)


Act = Callable[[Case], Awaitable[None]]


async def each(ctx: Context, chosen: Mapping[UUID, int], act: Act) -> Outcome:
    """``act`` on each application of ``chosen`` (id -> version seen), those refused left as they are and told.

    Raises InvalidRecruiting when none or too many were chosen."""
    if not chosen:
        raise InvalidRecruiting(_("请先选择候选人。"))
    if len(chosen) > MAX_CHOSEN:
        raise InvalidRecruiting(_("一次最多处理 {max} 人。", max=MAX_CHOSEN))
    outcome = Outcome()
    for job_id in await queries.jobs_of(ctx.session, list(chosen)):
        await queries.hold_board(ctx.session, job_id)
    for case in await queries.cases(ctx.session, list(chosen), member=access.member(ctx)):
        name, version = case.candidate.name, chosen[case.application.id]
        try:
            async with ctx.session.begin_nested():
                await unchanged(ctx, case, version)
                await act(case)
            outcome.done += 1
        except ZhirenError as refusal:
            outcome.left.append((name, refusal.message))
    return outcome


async def move_all(ctx: Context, chosen: Mapping[UUID, int], stage: str) -> Outcome:
    async def act(case: Case) -> None:
        await applications.move(ctx, case, stage, rank=0)

    return await each(ctx, chosen, act)


async def reject_all(
    ctx: Context, chosen: Mapping[UUID, int], *, reason: str, feedback: str = "", note: str = ""
) -> Outcome:
    """Raises EntryNotFound for a reason that is not in the list."""
    known = await lists.find(ctx, "reason", reason, active=True)

    async def act(case: Case) -> None:
        given = feedback[: lists.MAX_TEXT["reason"]]
        await applications.end(ctx, case, "rejected", reason=known.code, feedback=given, note=note)

    return await each(ctx, chosen, act)


async def hold_all(ctx: Context, chosen: Mapping[UUID, int], *, note: str = "") -> Outcome:
    async def act(case: Case) -> None:
        if case.application.state == "on_hold":
            raise ApplicationEnded(_("已经是暂缓。"))
        await applications.hold(ctx, case, note=note)

    return await each(ctx, chosen, act)


async def restore_all(ctx: Context, chosen: Mapping[UUID, int]) -> Outcome:
    async def act(case: Case) -> None:
        await applications.restore(ctx, case)

    return await each(ctx, chosen, act)


def _shows(states: Mapping[str, int]) -> dict[str, int]:
    return {show: sum(states.get(state, 0) for state in members) for show, members in SHOWS.items()}
