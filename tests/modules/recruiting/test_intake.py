"""Résumés taken in: many at once, pasted, corrected beside the original; each once, and to whom it belongs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from modules.recruiting.errors import InvalidRecruiting, NotReady, ResumeNotFound
from modules.recruiting.models import Application, Candidate, Resume
from modules.recruiting.repository import intake as queries
from modules.recruiting.resumes.corpus import corpus
from modules.recruiting.service import intake, reading
from modules.recruiting.service.applying import ROOM
from tenants.provisioning import Provisioner
from tenants.registry import Registry
from tests.conftest import make_tenant
from tests.factories.records import granted
from tests.factories.recruiting import make_candidate, make_job
from tests.modules.recruiting.resumes.hostile import hostile
from zhiren import files
from zhiren.audit import AuditEvent
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.jobs import Job, Outbox
from zhiren.jobs.executor import execute
from zhiren.jobs.runtime import Runtime

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
Act = Callable[[], AbstractAsyncContextManager[Context]]
RunJob = Callable[[UUID], Awaitable[str | None]]
HR = granted("recruiting.hire", "recruiting.manage", "recruiting.settings")


def text_of(
    name: str = "王小明", mobile: str = "13800008000", mail: str = "wang@example.com", school: str = "江城大学"
) -> bytes:
    contacts = f"电话：{mobile}\n" * bool(mobile) + f"邮箱：{mail}\n" * bool(mail)
    return (
        f"姓名：{name}\n{contacts}教育经历\n2012.09-2016.06 {school} 会计学 本科\n"
        "工作经历\n2018.09-2022.06 北京云帆科技有限公司 会计\n"
    ).encode()


@pytest_asyncio.fixture
async def customer(provisioner: Provisioner) -> AsyncIterator[TenantRef]:
    yield await make_tenant(provisioner, "intake")


@pytest.fixture
def act(database: Database, customer: TenantRef) -> Act:
    return lambda: database.tenant(customer, actor=HR)


@pytest.fixture
def run_job(database: Database, customer: TenantRef) -> RunJob:
    runtime = Runtime(database, Registry(database, "localhost"))

    async def run(job_id: UUID) -> str | None:
        async with database.tenant(customer) as ctx:
            await ctx.session.execute(update(Outbox).where(Outbox.job_id == job_id).values(handed_at=func.now()))
        return await execute(runtime, customer, job_id)

    return run


async def sent(act: Act, given: Sequence[tuple[str, bytes]], *, job_id: UUID | None = None) -> tuple[UUID, UUID]:
    """A batch of these files, and the job that reads it."""
    batch_id = new_id()
    async with act() as ctx:
        for name, data in given:
            await intake.keep(ctx, batch_id, name=name, data=data, job_id=job_id)
        return batch_id, await intake.start(ctx, batch_id)


async def became(act: Act, batch_id: UUID) -> dict[str, str]:
    """File -> what became of it."""
    async with act() as ctx:
        return {
            (await files.ref(ctx, line.resume.file_id, room=ROOM)).name: str(line.resume.outcome.get("what", ""))
            for line in await queries.lines(ctx.session, batch_id)
            if line.resume.file_id is not None
        }


async def counted(act: Act, model: type[Candidate] | type[Application] | type[Resume]) -> int:
    async with act() as ctx:
        return await ctx.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_many_at_once(act: Act, run_job: RunJob) -> None:
    async with act() as ctx:
        job = await make_job(ctx, title="会计")
        known = await make_candidate(ctx, name="李四", mobile="13900001111", mail=None)
        alike = await make_candidate(ctx, name="赵同", school="江城大学")
    samples = corpus(("labelled", "table"), each=1)
    bad = next(one for one in hostile() if one.refused)
    given = [(one.name, one.data) for one in samples]
    given += [
        ("甲.txt", text_of()),
        ("坏.pdf", b"%PDF-1.7\nbroken"),
        (f"敌意-{bad.name}", bad.data),
        ("认识.txt", text_of("李四", "13900001111", "li@example.com")),
        ("又一份.txt", text_of("李四", "13900001111", "") + b"more\n"),
        ("同名.txt", text_of("赵同", "13700001234", "zhao@example.com")),
        ("没有联系方式.txt", text_of("孙无", "", "")),
    ]
    batch_id, job_id = await sent(act, given, job_id=job.id)
    assert await run_job(job_id) == "succeeded"
    found = await became(act, batch_id)
    assert found == {
        **{one.name: "new" for one in samples},
        "甲.txt": "new",
        "坏.pdf": "refused",
        f"敌意-{bad.name}": "refused",
        "认识.txt": "known",
        "又一份.txt": "known",
        "同名.txt": "new",
        "没有联系方式.txt": "unclear",
    }
    async with act() as ctx:
        lines = await queries.lines(ctx.session, batch_id)
        by_name = {line.candidate.name: line for line in lines if line.candidate is not None}
        assert {sample.truth.name for sample in samples} <= set(by_name)
        assert by_name["李四"].candidate is not None
        assert by_name["李四"].candidate.id == known.id
        # what was known stays as it was
        assert by_name["李四"].candidate.mail is None
        assert by_name["赵同"].resume.outcome["likely"] is True
        assert by_name["赵同"].candidate is not None
        assert by_name["赵同"].candidate.id != alike.id
        applied = (await ctx.session.scalars(select(Application.candidate_id))).all()
        assert sorted(applied) == sorted({line.candidate.id for line in lines if line.candidate is not None})
        refused = [line.resume for line in lines if line.resume.outcome["what"] == "refused"]
        assert all(one.error and one.candidate_id is None for one in refused)


async def test_nothing_is_taken_in_twice(act: Act, run_job: RunJob) -> None:
    async with act() as ctx:
        job = await make_job(ctx)
    given = [("甲.txt", text_of()), ("甲（副本）.txt", text_of())]
    batch_id, job_id = await sent(act, given, job_id=job.id)
    assert await run_job(job_id) == "succeeded"
    # the same bytes under two names are one file
    assert await became(act, batch_id) == {"甲.txt": "new"}
    before = [await counted(act, model) for model in (Candidate, Application, Resume)]
    async with act() as ctx:
        assert await intake.start(ctx, batch_id) == job_id
        # asked again as if the worker had died after its work and before it said so
        await ctx.session.execute(update(Job).where(Job.id == job_id).values(state="failed"))
        assert await intake.start(ctx, batch_id) == job_id
    assert await run_job(job_id) == "succeeded"
    assert [await counted(act, model) for model in (Candidate, Application, Resume)] == before
    # a second upload for the same job says so, for another job it is an application more
    again, job_id = await sent(act, [("甲.txt", text_of())], job_id=job.id)
    await run_job(job_id)
    assert await became(act, again) == {"甲.txt": "again"}
    assert [await counted(act, model) for model in (Candidate, Application)] == before[:2]
    async with act() as ctx:
        other = await make_job(ctx)
    batch_id, job_id = await sent(act, [("甲.txt", text_of())], job_id=other.id)
    await run_job(job_id)
    assert await became(act, batch_id) == {"甲.txt": "known"}
    assert await counted(act, Application) == before[1] + 1


async def test_stopped_and_gone_on_with(act: Act, run_job: RunJob) -> None:
    given = [(f"{n}.txt", text_of(f"候选{'甲乙丙'[n]}", f"1380000{n:04d}", "")) for n in range(3)]
    batch_id, job_id = await sent(act, given)
    async with act() as ctx:
        await ctx.session.execute(update(Job).where(Job.id == job_id).values(cancel_requested=True))
    assert await run_job(job_id) == "cancelled"
    assert set((await became(act, batch_id)).values()) == {""}
    async with act() as ctx:
        assert await intake.start(ctx, batch_id) == job_id
    assert await run_job(job_id) == "succeeded"
    assert set((await became(act, batch_id)).values()) == {"new"}
    async with act() as ctx:
        pooled = (await ctx.session.scalars(select(Candidate.pooled_at))).all()
    assert len(pooled) == 3
    assert all(pooled)


async def test_what_is_kept_has_limits(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_FILES", 2)
    batch_id = new_id()
    async with act() as ctx:
        with pytest.raises(InvalidRecruiting):
            await intake.start(ctx, batch_id)
        with pytest.raises(InvalidRecruiting):
            await intake.keep(ctx, batch_id, name="空.pdf", data=b"")
        with pytest.raises(InvalidRecruiting):
            await intake.keep(ctx, batch_id, name="大.pdf", data=bytes(intake.MAX_FILE_BYTES + 1))
        for n in range(2):
            await intake.keep(ctx, batch_id, name=f"{n}.txt", data=b"%d" % n)
        with pytest.raises(InvalidRecruiting):
            await intake.keep(ctx, batch_id, name="多.txt", data=b"more")


async def test_whose_it_is_and_who_may_see_it(act: Act, database: Database, customer: TenantRef) -> None:
    batch_id = new_id()
    async with act() as ctx:
        kept = await intake.keep(ctx, batch_id, name="甲.txt", data=text_of())
        resume_id = kept.resume.id
    async with database.tenant(customer, actor=granted("recruiting.hire")) as ctx:
        with pytest.raises(ResumeNotFound):
            await intake.visible(ctx, batch_id)
        with pytest.raises(ResumeNotFound):
            await reading.resume_of(ctx, resume_id)
        with pytest.raises(InvalidRecruiting):
            # who hires for some jobs puts nobody into the pool
            await intake.allowed(ctx, new_id(), None)


async def test_what_is_nobodys_goes_after_thirty_days(act: Act, run_job: RunJob) -> None:
    batch_id, job_id = await sent(act, [("甲.txt", text_of()), ("坏.pdf", b"%PDF-1.7\nbroken")])
    await run_job(job_id)
    async with act() as ctx:
        assert await intake.forget_unclaimed(ctx) == 0
        long_ago = datetime.now(UTC) - intake.UNCLAIMED - timedelta(hours=1)
        await ctx.session.execute(update(Resume).values(created_at=long_ago))
        gone = next(one.resume for one in await queries.lines(ctx.session, batch_id) if one.candidate is None)
        file_id = gone.file_id
        kept = next(one.resume for one in await queries.lines(ctx.session, batch_id) if one.candidate is not None)
        with pytest.raises(NotReady):
            await intake.throw_away(ctx, kept)
        assert await intake.forget_unclaimed(ctx) == 1
        assert file_id is not None
        with pytest.raises(files.FileNotFound):
            await files.ref(ctx, file_id, room=ROOM)
    assert await became(act, batch_id) == {"甲.txt": "new"}


async def test_a_file_sent_by_the_page(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    hr, manager = await login_as("hr"), await login_as("manager")
    batch = str(new_id())
    answer = await hr.post("/recruiting/intake/files", data={"batch": batch}, files={"files": ("甲.txt", text_of())})
    assert (answer.status_code, answer.json()["kept"]) == (200, True)
    answer = await hr.post("/recruiting/intake/files", data={"batch": batch}, files={"files": ("甲.txt", text_of())})
    assert answer.json() == {"name": "甲.txt", "kept": False, "message": "这个文件已经传过。"}
    empty = await hr.post("/recruiting/intake/files", data={"batch": batch}, files={"files": ("空.pdf", b"")})
    assert empty.status_code == 422
    begun = await hr.post("/recruiting/intake", data={"batch": batch})
    assert begun.status_code == 303
    shown = await hr.get(begun.headers["location"])
    assert ["甲.txt" in shown.text, "等待读取" in shown.text, "data-progress" in shown.text] == [True] * 3
    assert batch in (await hr.get("/recruiting/intake")).text
    # others' batches are nobody else's, to look at or to add to
    assert (await manager.get(begun.headers["location"])).status_code == 404
    job = await manager.post("/recruiting/intake/files", data={"batch": batch}, files={"files": ("乙.txt", b"x")})
    assert job.status_code == 422
    nothing = await hr.post("/recruiting/intake", data={"batch": str(new_id())})
    assert nothing.status_code == 422


async def test_pasted_corrected_and_kept(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    hr = await login_as("hr")
    assert (await hr.post("/recruiting/intake/paste", data={"text": " "})).status_code == 422
    text = text_of("欧阳贴", "13612340000", "tie@example.com").decode()
    pasted = await hr.post("/recruiting/intake/paste", data={"text": text})
    path = pasted.headers["location"]
    shown = (await hr.get(path)).text
    assert ['value="欧阳贴"' in shown, 'value="13612340000"' in shown, "读得准" in shown, "没有读到" in shown] == [
        True
    ] * 4
    original = await hr.get(f"{path}/file")
    assert original.content == text.encode()
    assert "attachment" in original.headers["content-disposition"]
    assert "sandbox" in original.headers["content-security-policy"]
    typed = {"name": "欧阳改", "mobile": "13612340000", "degree": "master", "school": "江城大学"}
    saved = await hr.post(path, data=typed)
    assert saved.status_code == 303
    person = (await hr.get(saved.headers["location"])).text
    assert ["欧阳改" in person, path in person, "已核对" in person] == [True] * 3
    # what is checked is marked no more; what is corrected later needs the version that was seen
    shown = (await hr.get(path)).text
    assert "读得准" not in shown
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version
    assert (await hr.post(path, data={**typed, "version": version[1], "city": "成都"})).status_code == 303
    assert (await hr.post(path, data={**typed, "version": version[1], "city": "重庆"})).status_code == 409
    # the same text again leads to the same résumé
    assert (await hr.post("/recruiting/intake/paste", data={"text": text})).headers["location"] == path
    async with database.tenant(tenant) as ctx:
        query = select(AuditEvent.action).where(AuditEvent.object_type.in_(("recruiting.resume", "files.file")))
        told = set(await ctx.session.scalars(query))
    assert {"recruiting.resume.read", "recruiting.resume.check", "files.file.read"} <= told


async def test_somebody_known_is_asked_about(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    async with database.tenant(tenant) as ctx:
        known = await make_candidate(ctx, name="司徒知", mobile="13655556666", school="江城大学")
    hr = await login_as("hr")
    text = text_of("司徒知", "13655556666", "").decode()
    path = (await hr.post("/recruiting/intake/paste", data={"text": text})).headers["location"]
    asked = await hr.post(path, data={"name": "司徒知", "mobile": "13655556666"})
    assert asked.status_code == 409
    assert "就是这个人" in asked.text
    given = await hr.post(f"{path}/attach", data={"candidate": str(known.id)})
    assert given.headers["location"] == f"/recruiting/candidates/{known.id}"
    assert path in (await hr.get(given.headers["location"])).text
    assert (await hr.post(f"{path}/delete")).status_code == 409
    other = (await hr.post("/recruiting/intake/paste", data={"text": text + "又"})).headers["location"]
    assert (await hr.post(f"{other}/delete")).status_code == 303
    assert (await hr.get(other)).status_code == 404
