"""Every changing route of the records is driven once; the watch over all tests sees that each records what it did."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from tests.conftest import LogIn
from tests.factories.records import company
from tests.modules.records import sheets
from zhiren.context import TenantRef
from zhiren.db import Database

API = "/api/v1/records"


@pytest_asyncio.fixture(scope="module")
async def ids(database: Database, tenant: TenantRef) -> dict[str, UUID]:
    async with database.tenant(tenant) as ctx:
        firm = await company(ctx, name="某某制造有限公司")
        await firm.unit("研发", "总部")
        person = await firm.hire("孙工", number="R1", mobile="13800138000", hired_on=date(2020, 1, 6))
        return {
            "person": person.id,
            "root": firm.units["总部"].id,
            "rd": firm.units["研发"].id,
            "entity": firm.entity.id,
        }


async def tag(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    return {"if-match": (await client.get(path)).headers["etag"]}


def done(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url} {answer.text}"
    return answer.json() if answer.content and status != 303 else None


async def test_people_by_the_api(ids: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    seat = {"unit_id": str(ids["root"]), "legal_entity_id": str(ids["entity"]), "city": "北京"}
    made = done(
        await hr.post(
            f"{API}/employees", json={"number": "R9", "name": "吴新", "hired_on": "2022-01-04", "seat": seat}
        ),
        201,
    )
    path = f"{API}/employees/{made['id']}"
    assert made["seat"]["city"] == "北京"
    moved = done(
        await hr.post(
            f"{path}/seats",
            json={"effective_on": "2023-01-01", "unit_id": str(ids["rd"]), "reason": "调岗"},
            headers=await tag(hr, path),
        )
    )
    assert moved["seat"]["unit_name"] == "研发"
    assert len(done(await hr.get(f"{path}/seats"))) == 2
    done(await hr.delete(f"{path}/seats/2023-01-01", headers=await tag(hr, path)))
    assert len(done(await hr.get(f"{path}/seats"))) == 1
    left = done(await hr.post(f"{path}/leave", json={"last_day": "2024-01-31"}, headers=await tag(hr, path)))
    assert left["state"] == "left"
    back = done(await hr.post(f"{path}/leave", json={"last_day": None}, headers=await tag(hr, path)))
    assert back["state"] == "regular"
    opened = done(
        await hr.post(f"{API}/employees/{ids['person']}/reveal", json={"fields": ["mobile"], "reason": "联系"})
    )
    assert opened == {"mobile": "13800138000"}
    page = await hr.get(f"/records/employees/{made['id']}")
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version
    done(
        await hr.post(
            f"/records/employees/{made['id']}/seat",
            data={
                "version": version[1], "kind": "change", "effective_on": "2023-05-01", "unit_id": str(ids["rd"]),
                "legal_entity_id": str(ids["entity"]), "position_id": "", "manager": "", "city": "北京", "reason": "",
            },
        ),
        303,
    )  # fmt: skip
    taken = {"version": str(int(version[1]) + 1), "valid_from": "2023-05-01"}
    done(await hr.post(f"/records/employees/{made['id']}/seat/remove", data=taken), 303)
    assert len(done(await hr.get(f"{path}/seats"))) == 1


async def test_the_organisation_by_the_api_and_its_forms(ids: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    unit = done(await hr.post(f"{API}/units", json={"name": "实验室", "valid_from": "2020-01-01"}), 201)
    match = {"if-match": f'"v{unit["version"]}"'}
    unit = done(
        await hr.patch(
            f"{API}/units/{unit['id']}",
            json={"effective_on": "2021-01-01", "parent_id": str(ids["rd"]), "leader_id": str(ids["person"])},
            headers=match,
        )
    )
    shown = {u["name"]: u for u in done(await hr.get(f"{API}/units"))}
    assert shown["实验室"]["path"].endswith("研发/实验室")
    assert shown["实验室"]["leader_name"] == "孙工"
    match = {"if-match": f'"v{unit["version"]}"'}
    done(await hr.post(f"{API}/units/{unit['id']}/close", json={"last_day": "2025-12-31"}, headers=match))
    assert "实验室" not in {u["name"] for u in done(await hr.get(f"{API}/units"))}
    closing = done(await hr.post(f"{API}/units", json={"name": "临时组", "valid_from": "2020-01-01"}), 201)
    gone = {"version": str(closing["version"]), "last_day": "2025-12-31"}
    done(await hr.post(f"/records/org/units/{closing['id']}/close", data=gone), 303)
    for kind, body, change, page, form in (
        ("positions", {"name": "技师"}, {"family": "操作"}, "/records/positions", {"name": "技师", "active": "1"}),
        (
            "legal-entities",
            {"name": "第二家有限公司"},
            {"short_name": "二公司"},
            "/records/legal-entities",
            {"name": "第二家有限公司", "city": "北京", "active": "1"},
        ),
    ):
        made = done(await hr.post(f"{API}/{kind}", json=body), 201)
        match = {"if-match": f'"v{made["version"]}"'}
        changed = done(await hr.patch(f"{API}/{kind}/{made['id']}", json=change, headers=match))
        assert changed["version"] == made["version"] + 1
        stale = await hr.patch(f"{API}/{kind}/{made['id']}", json=change, headers=match)
        assert stale.status_code == 412
        assert (await hr.get(f"{page}/{made['id']}")).status_code == 200
        done(await hr.post(f"{page}/{made['id']}", data={**form, "version": str(changed["version"])}), 303)
        assert form["name"] in (await hr.get(page)).text
        done(await hr.post(page, data={"name": f"又一个{form['name']}"}), 303)


async def test_an_import_by_the_api(ids: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    rows = sheets.roster(3, start=300, seed=4)
    rows[1][9] = "1380"
    files = {"file": ("a.csv", sheets.csv_text([list(sheets.ROSTER), *rows]).encode(), "text/csv")}
    made = done(await hr.post(f"{API}/imports", files=files), 201)
    path = f"{API}/imports/{made['id']}"
    planned = done(await hr.patch(path, json={"legal_entity_id": str(ids["entity"]), "effective_on": "2026-01-01"}))
    assert planned["counts"]["fault"] == 1
    (row,) = done(await hr.get(f"{path}/rows"))
    (fault,) = [one for one in row["faults"] if one["blocks"]]
    cell = {"row_number": row["row_number"], "column": fault["column"], "text": "13800138111"}
    mended = done(await hr.patch(f"{path}/cells", json=[cell]))
    assert mended["counts"]["ready"] == 3
    job = done(await hr.post(f"{path}/commit"), 202)
    assert done(await hr.post(f"{path}/commit"), 202) == job
    assert (await hr.post(f"{path}/undo")).status_code == 409
    other = done(await hr.post(f"{API}/imports", files=files), 201)
    assert (await hr.delete(f"{API}/imports/{other['id']}")).status_code == 204
    assert done(await hr.get(f"{API}/imports/{other['id']}"))["state"] == "cancelled"


async def test_the_other_buttons_of_the_studio(ids: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    rows = sheets.roster(3, start=400, seed=6)
    rows[2][9] = "1380"

    def second_sheet(book: Any) -> None:
        sheet = book.create_sheet("离职人员")
        for one in [list(sheets.ROSTER), *rows[:1]]:
            sheet.append(one)

    files = {"file": ("a.xlsx", sheets.xlsx([list(sheets.ROSTER), *rows], second_sheet), "x/y")}
    up = await hr.post("/records/import", files=files)
    done(up, 303)
    path = up.headers["location"]
    done(await hr.post(f"{path}/plan", data={"legal_entity_id": str(ids["entity"]), "mode": "add_only"}), 303)
    done(await hr.post(f"{path}/leave-out", data={"field": "mobile"}), 303)
    assert "导入 3 人" in (await hr.get(path)).text
    done(await hr.post(f"{path}/sheet", data={"sheet": "离职人员"}), 303)
    assert "导入 1 人" in (await hr.get(path)).text
    wrong = await hr.post(f"{path}/plan", data={"column_1": "number", "column_2": "number"})
    assert wrong.status_code == 422
    assert "只能对应一列" in wrong.text
    done(await hr.post(f"{path}/cancel"), 303)
    assert (await hr.post(f"{path}/commit")).status_code == 409
    assert (await hr.post(f"{path}/undo")).status_code == 409
