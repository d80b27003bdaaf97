"""Routes about one person, asked by every role about people in every relation to the asker; and each masked field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar

from modules.records import schemas
from modules.records.models import Employee
from modules.records.service import organisation
from ops.hosted import Hosted
from tests.application import license_all
from tests.factories import people
from tests.factories.records import Company, company
from tests.roles.conftest import POLICY, World
from tests.roles.table import BRANCH, RELATIONS, ROLES, Rule, filled, read_fields
from zhiren.auth.schemas import RoleAssignment, RoleCreate
from zhiren.auth.service import create_user
from zhiren.auth.service.roles import create_role
from zhiren.context import Context, TenantRef

FORMATS = ("text/html", "application/json")
ASKERS = (*ROLES, BRANCH)
FIELDS = read_fields(POLICY)


async def hire(made: Company, **seat: Any) -> Employee:
    """Somebody with a value in every masked field."""
    person = {
        "id_number": people.id_number(made.random),
        "mobile": people.mobile(made.random),
        "email": f"p{made.random.randrange(10**9)}@example.cn",
        "home_address": f"上海市浦东新区测试路 {made.random.randrange(10**6)} 号",
        "bank_account": people.bank_account(made.random),
    }
    return await made.hire(**person, **seat)


async def organisation_around(ctx: Context) -> tuple[dict[str, Employee], Company]:
    """One person, and somebody in each relation to them."""
    made = await company(ctx)
    await made.unit("研发", "总部")
    await made.unit("研发一组", "研发")
    await made.unit("销售", "总部")
    boss = await hire(made, unit="总部")
    me = await hire(made, unit="研发", manager=boss)
    direct = await hire(made, unit="研发一组", manager=me)
    found = {
        "self": me,
        "direct": direct,
        "indirect": await hire(made, unit="研发一组", manager=direct),
        "same_unit": await hire(made, unit="研发", manager=boss),
        "other_unit": await hire(made, unit="销售", manager=boss),
    }
    made.entity = await organisation.create_legal_entity(
        ctx, schemas.LegalEntityCreate(name=f"测试分公司 {made.random.randrange(10**6)}", city="北京")
    )
    found["other_entity"] = await hire(made, unit="销售", manager=boss)
    assert set(found) == set(RELATIONS)
    return found, made


@pytest_asyncio.fixture(scope="module")
async def related(parts: Hosted, tenant: TenantRef) -> dict[str, Employee]:
    await license_all(parts, tenant)
    async with parts.database.tenant(tenant) as ctx:
        found, made = await organisation_around(ctx)
        grants: dict[str, Any] = {"records.employee.read": "unit", "field.contact.read": "unit"}
        await create_role(ctx, parts.permissions, RoleCreate(code=BRANCH, title="研发人事", grants=grants))
        for role in ASKERS:
            units = (made.units["研发"].id,) if role == BRANCH else ()
            await create_user(
                ctx,
                login=f"asker-{role}",
                name=role,
                password="一匹马要有好骑手 and 42 more words",
                roles=[RoleAssignment(role, units)],
                employee_id=found["self"].id,
            )
    return found


@pytest_asyncio.fixture(scope="module")
async def askers(parts: Hosted, app: Litestar, tenant: TenantRef, related: dict[str, Employee]) -> AsyncIterator[World]:
    """One log-in for each role, all of them the same employee."""
    from zhiren.auth import repository

    made = World(parts, app, tenant)
    async with parts.database.tenant(tenant) as ctx:
        for role in ASKERS:
            user = await repository.user_by_login(ctx.session, f"asker-{role}")
            assert user is not None
            made.users[role] = user
    yield made
    await made.close()


async def test_routes_about_one_person(askers: World, related: dict[str, Employee], table: dict[str, Rule]) -> None:
    wrong, cells = [], 0
    for route, rule in table.items():
        if not rule.person or rule.by_field:
            continue
        method, path = route.split(" ", 1)
        for role in ASKERS:
            for relation in RELATIONS:
                where = filled(path, **{rule.person: related[relation].id, "valid_from": "2020-03-02"})
                for accept in FORMATS:
                    answer = await askers.send(role, method, where, accept)
                    reached = relation in rule.reach[role]
                    hidden = answer.status_code in {403, 404} and "zhiren.not_signed_in" not in answer.text
                    # past the guard, an empty form or a missing seat is refused for its own reasons
                    fine = (not hidden or _empty_refused(method, answer.status_code)) if reached else hidden
                    if method == "GET" and reached:
                        fine = answer.status_code == 200
                    cells += 1
                    if not fine or answer.status_code >= 500:
                        wrong.append(f"{route} as {role} about {relation} ({accept}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert cells >= 15 * len(ASKERS) * len(RELATIONS) * len(FORMATS)


def _empty_refused(method: str, status: int) -> bool:
    return method == "DELETE" and status == 404


@pytest.mark.parametrize("field", sorted(FIELDS))
async def test_masked_fields(askers: World, related: dict[str, Employee], table: dict[str, Rule], field: str) -> None:
    """Opened to whom the table says, shown to nobody else: not in the answer, nor in the page of the person."""
    record = table["GET /api/v1/records/employees/{employee_id:uuid}"].reach
    plain: dict[str, str] = {}
    async with askers.parts.database.tenant(askers.tenant) as ctx:
        for relation, employee in related.items():
            found = await ctx.session.get(Employee, employee.id)
            plain[relation] = str(getattr(found, field))
    wrong = []
    for role in ASKERS:
        token = await askers.token(role)
        for relation, employee in related.items():
            opened = relation in FIELDS[field][role] and relation in record[role]
            base = f"/records/employees/{employee.id}"
            for accept, path in (("text/html", base), ("application/json", f"/api/v1{base}")):
                if plain[relation] in (await askers.send(role, "GET", path, accept, token=token)).text:
                    wrong.append(f"{field} of {relation} stands in {path.split('/')[1]} page for {role}")
            api = await askers.reveal(f"/api/v1{base}/reveal", {"fields": [field], "reason": "核对"}, token)
            page = await askers.send(role, "POST", f"{base}/reveal/{field}", "text/html", token=token)
            for name, answer in (("API", api), ("page", page)):
                shown = plain[relation] in answer.text
                if shown != opened or (not opened and answer.status_code not in {403, 404}):
                    wrong.append(f"{field} of {relation} as {role} ({name}): {answer.status_code}, shown: {shown}")
    assert not wrong, "\n".join(wrong)
