"""Every query on jobs and the outbox. Callers hold a tenant's transaction; nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.ids import new_id
from zhiren.jobs.models import FINISHED, Job, Outbox

#: the channel that relays listen on; the payload is the tenant's opaque id
CHANNEL = "zhiren_jobs"


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


# -- asking ------------------------------------------------------------------------------------------------------------


async def insert_job(session: AsyncSession, values: dict[str, Any]) -> UUID | None:
    """The new job's id, or None when the key is taken (waiting for a transaction that is about to take it)."""
    statement = insert(Job).values(values).on_conflict_do_nothing(index_elements=[Job.key]).returning(Job.id)
    return (await session.execute(statement)).scalar_one_or_none()


async def id_by_key(session: AsyncSession, key: str) -> UUID:
    return (await session.execute(select(Job.id).where(Job.key == key))).scalar_one()


async def by_key(session: AsyncSession, key: str) -> Job | None:
    return (await session.execute(select(Job).where(Job.key == key))).scalar_one_or_none()


async def insert_outbox(session: AsyncSession, job_id: UUID, *, due_at: datetime | None = None) -> None:
    later = {} if due_at is None else {"due_at": due_at}
    await session.execute(insert(Outbox).values(id=new_id(), job_id=job_id, **later))


async def insert_event(session: AsyncSession, event: str, payload: dict[str, Any]) -> UUID:
    outbox_id = new_id()
    await session.execute(insert(Outbox).values(id=outbox_id, event=event, payload=payload))
    return outbox_id


async def notify(session: AsyncSession, tenant_id: str) -> None:
    """Wake the relays when this transaction commits. Only a hint: the relay sweeps as well."""
    await session.execute(select(func.pg_notify(CHANNEL, tenant_id)))


# -- handing out -------------------------------------------------------------------------------------------------------


async def try_relay_lock(session: AsyncSession, tenant_id: str) -> bool:
    """True when no other relay works on this tenant; held until the transaction ends."""
    statement = select(func.pg_try_advisory_xact_lock(func.hashtextextended("zhiren.jobs.relay:" + tenant_id, 0)))
    return bool((await session.execute(statement)).scalar_one())


async def count_out(session: AsyncSession) -> int:
    """How many jobs are with Redis or a worker now."""
    statement = select(func.count()).where(Outbox.handed_at.is_not(None), Outbox.due_at > func.now())
    return (await session.execute(statement)).scalar_one()


async def due(session: AsyncSession, *, limit: int) -> Sequence[Outbox]:
    statement = (
        select(Outbox)
        .where(Outbox.due_at <= func.now())
        .order_by(Outbox.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalars().all()


async def mark_handed(session: AsyncSession, ids: Sequence[UUID], *, resend_after_s: float) -> None:
    await session.execute(
        update(Outbox)
        .where(Outbox.id.in_(ids))
        .values(handed_at=func.now(), due_at=func.now() + timedelta(seconds=resend_after_s))
        .execution_options(synchronize_session=False)
    )


async def hand_over_next(session: AsyncSession, *, limit: int, resend_after_s: float) -> UUID | None:
    """The job due longest, marked as handed out; None when nothing is due or ``limit`` are out already."""
    if await count_out(session) >= limit:
        return None
    statement = (
        select(Outbox.id, Outbox.job_id)
        .where(Outbox.due_at <= func.now(), Outbox.job_id.is_not(None))
        .order_by(Outbox.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    await mark_handed(session, [row.id], resend_after_s=resend_after_s)
    job_id: UUID = row.job_id
    return job_id


async def delete_outbox(session: AsyncSession, ids: Sequence[UUID]) -> None:
    await session.execute(delete(Outbox).where(Outbox.id.in_(ids)).execution_options(synchronize_session=False))


async def next_due_in_s(session: AsyncSession) -> float | None:
    """Seconds until the next row falls due (0 or less: now); None when the outbox is empty."""
    statement = select(func.extract("epoch", func.min(Outbox.due_at) - func.clock_timestamp()))
    value = (await session.execute(statement)).scalar_one()
    return None if value is None else float(value)


# -- working -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker holds, under ``lease``."""

    job: Job
    lease: UUID
    #: the lease before this one ran out: its worker died
    taken_over: bool


def _fence(job_id: UUID) -> Any:
    return func.hashtextextended("zhiren.jobs:" + str(job_id), 0)


async def claim(session: AsyncSession, job_id: UUID, *, lease_s: float) -> Claim | None:
    """Take the job if it was handed out and nobody holds it; None otherwise, so that a hint seen twice does nothing."""
    # an earlier holder that is still inside a transaction of the job has not finished with it
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(_fence(job_id))))).scalar_one():
        return None
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until <= func.now())
    row = (
        await session.execute(
            select(Outbox.lease)
            .where(Outbox.job_id == job_id, Outbox.handed_at.is_not(None), free)
            .with_for_update(skip_locked=True)
        )
    ).one_or_none()
    if row is None:
        return None
    taken_over = row.lease is not None
    lease = new_id()
    await session.execute(
        update(Outbox)
        .where(Outbox.job_id == job_id)
        .values(lease=lease, lease_until=_in(lease_s), due_at=_in(lease_s))
        .execution_options(synchronize_session=False)
    )
    job = (
        await session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state.not_in(FINISHED))
            .values(
                state="running",
                started_at=func.coalesce(Job.started_at, func.now()),
                losses=Job.losses + int(taken_over),
            )
            .returning(Job)
        )
    ).scalar_one_or_none()
    if job is None:
        await session.execute(delete(Outbox).where(Outbox.job_id == job_id))
        return None
    return Claim(job, lease, taken_over)


def _in(seconds: float) -> Any:
    return func.clock_timestamp() + timedelta(seconds=seconds)


async def hold(session: AsyncSession, job_id: UUID, lease: UUID) -> bool:
    """True while ``lease`` is still the holder's. Until this transaction ends nobody else can take the job, so that
    what a lost holder writes and what its successor writes never mix."""
    locked = await session.execute(select(func.pg_try_advisory_xact_lock_shared(_fence(job_id))))
    if not locked.scalar_one():
        return False
    held = await session.execute(select(Outbox.id).where(Outbox.job_id == job_id, Outbox.lease == lease))
    return held.scalar_one_or_none() is not None


async def renew(session: AsyncSession, job_id: UUID, lease: UUID, *, lease_s: float) -> bool:
    """Lengthen the lease. False when it is no longer the holder's."""
    result = await session.execute(
        update(Outbox)
        .where(Outbox.job_id == job_id, Outbox.lease == lease)
        .values(lease_until=_in(lease_s), due_at=_in(lease_s))
        .execution_options(synchronize_session=False)
    )
    return _count(result) == 1


async def cancel_requested(session: AsyncSession, job_id: UUID) -> bool:
    return bool((await session.execute(select(Job.cancel_requested).where(Job.id == job_id))).scalar_one_or_none())


async def write_progress(session: AsyncSession, job_id: UUID, done: int, total: int, note: str) -> bool:
    """Store progress; True when a person asked the job to stop. Failures count anew once the job has moved on."""
    moved = Job.progress_done < done
    statement = (
        update(Job)
        .where(Job.id == job_id)
        .values(
            progress_done=done,
            progress_total=total,
            progress_note=note,
            failures=case((moved, 0), else_=Job.failures),
            losses=case((moved, 0), else_=Job.losses),
        )
        .returning(Job.cancel_requested)
    )
    return bool((await session.execute(statement)).scalar_one_or_none())


async def finish(session: AsyncSession, job_id: UUID, lease: UUID, values: dict[str, Any]) -> bool:
    """End the job: its outbox row goes, its state stays. False when the lease was lost, and then nothing is written."""
    gone = await session.execute(delete(Outbox).where(Outbox.job_id == job_id, Outbox.lease == lease))
    if _count(gone) != 1:
        return False
    await session.execute(update(Job).where(Job.id == job_id).values(finished_at=func.now(), **values))
    return True


async def give_back(
    session: AsyncSession, job_id: UUID, lease: UUID, *, after_s: float, failures: int = 0, note: str | None = None
) -> bool:
    """Put the job back for another worker, ``after_s`` from now, counting ``failures`` more."""
    result = await session.execute(
        update(Outbox)
        .where(Outbox.job_id == job_id, Outbox.lease == lease)
        .values(lease=None, lease_until=None, handed_at=None, due_at=_in(after_s))
        .execution_options(synchronize_session=False)
    )
    if _count(result) != 1:
        return False
    values: dict[str, Any] = {"state": "queued", "failures": Job.failures + failures}
    if note is not None:
        values["progress_note"] = note
    await session.execute(update(Job).where(Job.id == job_id).values(values))
    return True


# -- people ------------------------------------------------------------------------------------------------------------


async def get(session: AsyncSession, job_id: UUID) -> Job | None:
    statement = select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def cancel_waiting(session: AsyncSession, job_id: UUID) -> bool:
    """Cancel a job that no worker holds. False when one does."""
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until <= func.now())
    gone = await session.execute(delete(Outbox).where(Outbox.job_id == job_id, free))
    if _count(gone) != 1:
        return False
    await session.execute(
        update(Job).where(Job.id == job_id).values(state="cancelled", cancel_requested=True, finished_at=func.now())
    )
    return True


async def ask_to_cancel(session: AsyncSession, job_id: UUID) -> bool:
    result = await session.execute(
        update(Job).where(Job.id == job_id, Job.state.not_in(FINISHED)).values(cancel_requested=True)
    )
    return _count(result) == 1


async def requeue(session: AsyncSession, job_id: UUID) -> bool:
    """Make a failed or cancelled job wait again. False when it is neither."""
    result = await session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(("failed", "cancelled")))
        .values(
            state="queued",
            cancel_requested=False,
            failures=0,
            losses=0,
            error_code="",
            error_message="",
            finished_at=None,
        )
    )
    if _count(result) != 1:
        return False
    await insert_outbox(session, job_id)
    return True


def _listed(*, requested_by_id: UUID | None, state: str | None) -> Select[Job]:
    statement = select(Job).where(or_(Job.quiet.is_(False), Job.state == "failed"))
    if requested_by_id is not None:
        statement = statement.where(Job.requested_by_id == requested_by_id)
    if state is not None:
        statement = statement.where(Job.state == state)
    return statement


async def page(
    session: AsyncSession,
    *,
    requested_by_id: UUID | None,
    state: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[Job]:
    """Newest first; ``before`` is the id of the last row seen. ``requested_by_id`` narrows to one person's own."""
    statement = _listed(requested_by_id=requested_by_id, state=state)
    if before is not None:
        # ids are UUIDv7: they sort by the time they were made
        statement = statement.where(Job.id < before)
    statement = statement.order_by(Job.id.desc()).limit(limit)
    return (await session.execute(statement)).scalars().all()


async def delete_finished_before(session: AsyncSession, moment: datetime, *, quiet: bool) -> int:
    result = await session.execute(
        delete(Job).where(Job.state.in_(FINISHED), Job.finished_at < moment, Job.quiet.is_(quiet))
    )
    return _count(result)
