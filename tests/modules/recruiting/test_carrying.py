"""A candidate takes their profile to another company: by their own act, and nothing of the first goes along."""

from __future__ import annotations

import re
from random import Random
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from modules.recruiting.models import Application, Candidate, Job, Resume
from modules.recruiting.resumes.corpus.people import person as somebody
from modules.recruiting.resumes.corpus.word import table
from modules.recruiting.service import carrying
from ops.hosted import Hosted
from tests.application import license_all
from tests.factories.recruiting import make_job
from tests.modules.recruiting.test_way import as_candidate, at_the_site
from zhiren import files
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

CODE = re.compile(r'id="carry-code" value="([0-9A-Z-]{19})"')


@pytest.fixture
async def here(database: Database, parts: Hosted, tenant: TenantRef) -> Job:
    await license_all(parts, tenant)
    async with database.tenant(tenant) as ctx:
        return await make_job(ctx, title="后端工程师")


@pytest.fixture
async def there(database: Database, parts: Hosted, other_tenant: TenantRef) -> Job:
    await license_all(parts, other_tenant)
    async with database.tenant(other_tenant) as ctx:
        return await make_job(ctx, title="数据工程师")


async def packed(person: httpx.AsyncClient) -> str:
    answer = await person.post("/portal/me/carry")
    assert answer.status_code == 200
    found = CODE.search(answer.text)
    assert found is not None, answer.text
    return found[1]


def value_of(text: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)
    return found[1] if found else ""


async def test_the_profile_goes_along_and_nothing_else(  # noqa: PLR0917 - two companies
    app: Litestar, tenant: TenantRef, other_tenant: TenantRef, here: Job, there: Job, database: Database
) -> None:
    # with a résumé at the first company
    client = await at_the_site(app, tenant, f"/careers/{here.slug}/apply")
    mobile, paper = f"139{int(new_id().hex[-7:], 16) % 10**8:08d}", table(somebody(Random(3)), Random(3))
    typed = {"name": "欧阳知行", "mobile": mobile, "city": "上海", "consent": "1", "act": "send"}
    sent = await client.post(f"/careers/{here.slug}/apply", data=typed, files={"resume": ("简历.docx", paper)})
    assert sent.status_code == 303, sent.text[:500]
    as_candidate(client)
    code = await packed(client)

    # at the second, on the form
    stranger = await at_the_site(app, other_tenant, f"/careers/{there.slug}/apply")
    form = {"act": "carry", "carried": code.lower().replace("-", " "), "city": "杭州"}
    filled = await stranger.post(f"/careers/{there.slug}/apply", data=form)
    assert filled.status_code == 200
    assert value_of(filled.text, "name") == "欧阳知行"
    assert value_of(filled.text, "mobile") == mobile
    assert value_of(filled.text, "city") == "杭州", "what was typed stays"
    assert tenant.name not in filled.text
    async with database.tenant(other_tenant) as ctx:
        assert await ctx.session.scalar(select(Candidate).where(Candidate.name == "欧阳知行")) is None, "not yet"

    given = {"name": "欧阳知行", "mobile": mobile, "consent": "1", "act": "send"}
    given["resume_id"] = value_of(filled.text, "resume_id")
    assert (await stranger.post(f"/careers/{there.slug}/apply", data=given)).status_code == 303
    async with database.tenant(tenant) as ctx:
        before = (await ctx.session.scalars(select(Candidate).where(Candidate.name == "欧阳知行"))).one()
    async with database.tenant(other_tenant) as ctx:
        application = (await ctx.session.scalars(select(Application).where(Application.job_id == there.id))).one()
        candidate = await ctx.session.get_one(Candidate, application.candidate_id)
        assert candidate.profile == before.profile
        assert candidate.profile["experience"], "work and schools came along"
        resume = await ctx.session.get_one(Resume, UUID(given["resume_id"]))
        assert resume.file_id is not None
        assert (await files.read(ctx, resume.file_id, room="recruiting.resume"))[1] == paper
        assert tenant.name not in str(resume.parsed)


async def test_without_a_resume_the_fields_go_along(
    app: Litestar, tenant: TenantRef, other_tenant: TenantRef, here: Job, there: Job
) -> None:
    client = await at_the_site(app, tenant, f"/careers/{here.slug}/apply")
    typed = {"name": "南宫无纸", "mail": f"n{new_id().hex[-8:]}@mail.test", "degree": "master", "years": "6"}
    sent = await client.post(f"/careers/{here.slug}/apply", data=typed | {"consent": "1", "act": "send"})
    assert sent.status_code == 303, sent.text[:500]
    as_candidate(client)
    stranger = await at_the_site(app, other_tenant, f"/careers/{there.slug}/apply")
    path, form = f"/careers/{there.slug}/apply", {"act": "carry", "carried": await packed(client)}
    filled = await stranger.post(path, data=form)
    assert (value_of(filled.text, "name"), value_of(filled.text, "years")) == ("南宫无纸", "6.0")
    again = await stranger.post(path, data=form)
    assert value_of(again.text, "name") == "南宫无纸", "the second click is no loss"


async def test_a_code_that_is_wrong_or_over_is_told_on_the_form(
    app: Litestar, tenant: TenantRef, other_tenant: TenantRef, here: Job, there: Job
) -> None:
    client = await at_the_site(app, tenant, f"/careers/{here.slug}/apply")
    typed = {"name": "西门收回", "mail": f"x{new_id().hex[-8:]}@mail.test", "consent": "1", "act": "send"}
    assert (await client.post(f"/careers/{here.slug}/apply", data=typed)).status_code == 303
    as_candidate(client)
    code = await packed(client)
    assert (await client.post("/portal/me/carry/stop", data={"code": code})).status_code == 303
    stranger = await at_the_site(app, other_tenant, f"/careers/{there.slug}/apply")
    for said in (code, "0000", ""):
        form = {"act": "carry", "carried": said, "name": "西门收回"}
        refused = await stranger.post(f"/careers/{there.slug}/apply", data=form)
        assert refused.status_code == 422
        assert "携带码不对，或已过期" in refused.text
        assert value_of(refused.text, "name") == "西门收回"


async def test_codes_are_not_made_without_end(app: Litestar, tenant: TenantRef, here: Job) -> None:
    client = await at_the_site(app, tenant, f"/careers/{here.slug}/apply")
    typed = {"name": "东方频频", "mail": f"d{new_id().hex[-8:]}@mail.test", "consent": "1", "act": "send"}
    assert (await client.post(f"/careers/{here.slug}/apply", data=typed)).status_code == 303
    as_candidate(client)
    answers = [(await client.post("/portal/me/carry")).status_code for _each in range(carrying.AT_MOST + 1)]
    assert answers == [200] * carrying.AT_MOST + [429]


async def test_only_a_candidate_makes_one(app: Litestar, tenant: TenantRef, here: Job) -> None:
    stranger = await at_the_site(app, tenant, f"/careers/{here.slug}/apply")
    for path in ("/portal/me/carry", "/portal/me/carry/stop"):
        assert (await stranger.post(path)).status_code in (303, 401), path
