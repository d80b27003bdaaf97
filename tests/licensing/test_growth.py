"""A licence that has ended, or is full, stops what grows on the real routes, and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from licensing import service
from licensing.entitlements import today_in_china
from licensing.rules import GRACE
from ops.hosted import Hosted
from tenants.provisioning import Provisioner
from tests.conftest import LogIn, make_tenant
from tests.factories.payroll import Payroll
from tests.factories.payroll import payroll as make_payroll
from tests.licensing.test_entitlements import licence_for
from tests.modules.records import sheets
from tests.roles.table import routes_of
from zhiren.context import TenantRef

RECORDS = "/api/v1/records"
PAYROLL = "/api/v1/payroll"

Ask = Callable[["House"], Awaitable[httpx.Response]]


@dataclass
class House:
    """A customer with one person employed, and those who work with it."""

    parts: Hosted
    tenant: TenantRef
    payroll: Payroll
    person: UUID
    hr: httpx.AsyncClient
    officer: httpx.AsyncClient

    async def licensed(self, *, seats: int = 100, until: date | None = None) -> None:
        text = licence_for(self.tenant, seats=seats, valid_from=date(2020, 1, 1), valid_until=until or today_in_china())
        async with self.parts.database.tenant(self.tenant) as ctx:
            await service.install(ctx, self.parts.entitlements, text)

    async def end_licence(self) -> None:
        await self.licensed(until=today_in_china() - GRACE - timedelta(days=1))

    def somebody(self) -> dict[str, str]:
        company = self.payroll.company
        return {
            "number": "N1",
            "name": "吴新",
            "hired_on": "2022-01-04",
            "unit_id": str(company.units["总部"].id),
            "legal_entity_id": str(company.entity.id),
        }

    async def upload(self, count: int, *, start: int = 100, left: str = "") -> str:
        """An import of ``count`` people, checked; returns its id."""
        heading = [*sheets.ROSTER, "离职日期"]
        rows = [[*row, left] for row in sheets.roster(count, start=start, seed=start)]
        files = {"file": ("a.csv", sheets.csv_text([heading, *rows]).encode(), "text/csv")}
        made = await self.hr.post(f"{RECORDS}/imports", files=files)
        assert made.status_code == 201, made.text
        entity = str(self.payroll.company.entity.id)
        planned = await self.hr.patch(f"{RECORDS}/imports/{made.json()['id']}", json={"legal_entity_id": entity})
        assert planned.json()["counts"]["ready"] == count, planned.text
        return str(made.json()["id"])


@pytest_asyncio.fixture
async def house(parts: Hosted, login_as: LogIn, provisioner: Provisioner) -> House:
    tenant = await make_tenant(provisioner, "growing")
    payroll = await make_payroll(parts.database, tenant)
    async with payroll.acting() as ctx:
        payroll.company.ctx = ctx
        await payroll.company.unit("总部")
    person = await payroll.hire("A1", "张三")
    return House(parts, tenant, payroll, person, await login_as("hr", at=tenant), await login_as("payroll", at=tenant))


async def hire_api(house: House) -> httpx.Response:
    fields = house.somebody()
    seat = {name: fields.pop(name) for name in ("unit_id", "legal_entity_id")}
    return await house.hr.post(f"{RECORDS}/employees", json={**fields, "seat": seat})


async def hire_page(house: House) -> httpx.Response:
    return await house.hr.post("/records/employees", data=house.somebody())


async def commit_api(house: House) -> httpx.Response:
    return await house.hr.post(f"{RECORDS}/imports/{await house.upload(2)}/commit")


async def commit_page(house: House) -> httpx.Response:
    return await house.hr.post(f"/records/import/{await house.upload(2)}/commit")


async def open_api(house: House) -> httpx.Response:
    body = {"group_id": str(house.payroll.group_id), "year": 2026, "month": 5}
    return await house.officer.post(f"{PAYROLL}/runs", json=body)


async def open_page(house: House) -> httpx.Response:
    form = {"group_id": str(house.payroll.group_id), "month": "2026-05"}
    return await house.officer.post("/payroll/runs", data=form)


#: of a module that this house has not bought: refused before growth is asked about
JOINING = "POST /recruiting/onboarding/{onboarding_id:uuid}/join"


GROWING: dict[str, Ask] = {
    "POST /api/v1/payroll/runs": open_api,
    "POST /api/v1/records/employees": hire_api,
    "POST /api/v1/records/imports/{import_id:uuid}/commit": commit_api,
    "POST /payroll/runs": open_page,
    "POST /records/employees": hire_page,
    "POST /records/import/{import_id:uuid}/commit": commit_page,
}


def test_these_routes_grow(app: Litestar) -> None:
    marked = {route: handler.opt["growth"] for route, handler in routes_of(app) if "growth" in handler.opt}
    assert set(marked) == {*GROWING, JOINING}
    assert set(marked.values()) == {"run", "seat"}


@pytest.mark.parametrize("route", GROWING)
async def test_after_the_end_nothing_grows(house: House, route: str) -> None:
    await house.end_licence()
    refused = await GROWING[route](house)
    assert refused.status_code == 403, refused.text
    assert "宽限期也已结束" in refused.text
    if route.startswith("POST /api/"):
        assert refused.json()["code"] == "licensing.expired"


@pytest.mark.parametrize("route", GROWING)
async def test_within_the_grace_it_goes_on(house: House, route: str) -> None:
    await house.licensed(until=today_in_china() - GRACE)
    answer = await GROWING[route](house)
    assert answer.status_code in {201, 202, 303}, answer.text


async def test_after_the_end_reading_exporting_and_correcting_stay(house: House) -> None:
    await house.payroll.terms(house.person)
    run = await house.payroll.month(5)
    await house.end_licence()
    person = f"{RECORDS}/employees/{house.person}"
    answers: list[Any] = [
        await house.hr.get("/records/employees"),
        await house.hr.get("/records/employees?export=xlsx"),
        found := await house.hr.get(person),
        await house.hr.patch(person, json={"name": "张三丰"}, headers={"if-match": found.headers["etag"]}),
        await house.officer.get(f"/payroll/runs/{run}"),
        await house.officer.post(
            f"{PAYROLL}/runs/{run}/corrections",
            json={"reason": "补发", "pay_on": "2026-06-10", "employee_ids": [str(house.person)]},
        ),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 201], [a.text[:300] for a in answers]


async def test_a_full_house_takes_nobody_more(house: House) -> None:
    await house.licensed(seats=1)
    for ask in (hire_api, hire_page):
        refused = await ask(house)
        assert refused.status_code == 403
        assert "授权为 1 人，现有在职 1 人，这次要增加 1 人，超出了授权（最多 1 人）。" in refused.text
    refused = await hire_api(house)
    assert refused.json()["code"] == "licensing.seats_exceeded"
    assert refused.json()["params"] == {"seats": 1, "used": 1, "asked": 1}
    assert (await open_api(house)).status_code == 201, "a run needs no seat"


@pytest.mark.parametrize(("seats", "status"), [(3, 202), (2, 403)])
async def test_an_import_is_counted_whole(house: House, seats: int, status: int) -> None:
    """Two people come to one."""
    await house.licensed(seats=seats)
    answer = await commit_api(house)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["code"] == "licensing.seats_exceeded"
        assert answer.json()["params"]["asked"] == 2
        assert "现有在职 1 人，这次要增加 2 人" in answer.text


async def test_people_who_left_take_no_seat(house: House) -> None:
    await house.licensed(seats=1)
    import_id = await house.upload(2, left="2024-03-31")
    answer = await house.hr.post(f"{RECORDS}/imports/{import_id}/commit")
    assert answer.status_code == 202, answer.text
