"""From a spreadsheet to records and back."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select, text

from modules.records import api, errors, schemas
from modules.records.models import Assignment, Employee, Import, ImportRow, Position, Unit, UnitPeriod
from modules.records.repository import imports
from modules.records.service import employees, organisation
from modules.records.service.imports import checking, committing, staging, undoing
from tests.factories import people
from tests.factories.records import company
from tests.modules.records import sheets
from tests.modules.records.conftest import Act, RunJob
from zhiren.context import Context
from zhiren.jobs.models import Job


async def staged(ctx: Context, data: bytes, name: str = "花名册.xlsx", **plan: Any) -> Import:
    found = await staging.stage(ctx, name, data)
    if plan:
        await staging.set_plan(ctx, found.id, plan)
    return await checking.check(ctx, found.id)


async def committed(act: Act, run_job: RunJob, data: bytes, name: str = "花名册.xlsx", **plan: Any) -> UUID:
    async with act() as ctx:
        found = await staged(ctx, data, name, **plan)
    async with act() as ctx:
        job_id = await committing.start(ctx, found.id)
    await run_job(job_id)
    async with act() as ctx:
        job = await ctx.session.get_one(Job, job_id)
        assert job.state == "succeeded", job.error_message
    return found.id


async def faults_of(ctx: Context, found: Import) -> dict[tuple[int, str], str]:
    rows = await ctx.session.scalars(select(ImportRow).where(ImportRow.import_id == found.id))
    return {(row.row_number, f["field"]): f["code"] for row in rows for f in row.faults or []}


async def snapshot(ctx: Context) -> dict[str, Any]:
    """Everything the records hold, without what counts edits."""
    people = (await ctx.session.scalars(select(Employee).order_by(Employee.number))).all()
    return {
        "people": [
            (p.number, p.name, p.gender, p.hired_on, p.left_on, p.id_number, p.mobile, p.bank_account, p.home_address)
            for p in people
        ],
        "seats": (
            await ctx.session.execute(
                select(
                    Employee.number,
                    Assignment.unit_id,
                    Assignment.manager_id,
                    Assignment.valid_from,
                    Assignment.valid_to,
                )
                .join(Employee, Employee.id == Assignment.employee_id)
                .order_by(Employee.number, Assignment.valid_from)
            )
        ).all(),
        "units": await ctx.session.scalar(select(func.count()).select_from(UnitPeriod)),
        "positions": await ctx.session.scalar(select(func.count()).select_from(Position)),
    }


async def test_a_chinese_roster_comes_in_without_a_template(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(40)
    data = sheets.xlsx([["某某制造有限公司员工花名册"], [], list(sheets.ROSTER), *rows, ["合计", 40]])
    import_id = await committed(act, run_job, data)
    async with act() as ctx:
        found = await staging.find(ctx, import_id)
        assert (found.state, found.counts["added"], found.counts.get("fault", 0)) == ("committed", 40, 0)
        assert found.layout["header_row"] == 3
        assert found.file_ct is None
        everyone = {p.number: p for p in await ctx.session.scalars(select(Employee))}
        assert len(everyone) == 40
        for row in rows:
            person = everyone[row[1]]
            assert (person.name, person.id_number, person.mobile, person.bank_account) == (
                row[2],
                row[4],
                row[9],
                row[10],
            )
            assert person.gender == {"男": "male", "女": "female"}[row[3]]
        refs = {ref.number: ref for ref in await api.list_employees(ctx, date(2026, 1, 1))}
        by_number = {row[1]: row for row in rows}
        for number, ref in refs.items():
            assert ref.unit_name == by_number[number][5].split("/")[-1]
            assert ref.city == "上海"
            manager = by_number[number][7]
            assert ref.manager_id == (everyone[manager].id if manager else None)
        paths = {unit.path for unit in await api.org_units(ctx, date(2026, 1, 1))}
        assert {"制造中心", "制造中心/一车间", "制造中心/二车间"} <= paths
        pay = {p.employee_id: p.monthly_fen for p in await api.imported_pay(ctx, import_id)}
        assert pay == {everyone[row[1]].id: row[13] * 100 for row in rows}


@pytest.mark.parametrize("said", ["z" * 36, "1", str(UUID(int=1)), "A" * 600])
async def test_an_employer_that_is_none_is_told(ctx: Context, said: str) -> None:
    found = await staging.stage(ctx, "花名册.xlsx", sheets.xlsx([list(sheets.ROSTER), *sheets.roster(2)]))
    with pytest.raises(errors.InvalidRecord) as refused:
        await staging.set_plan(ctx, found.id, {"legal_entity_id": said})
    assert refused.value.fields == {"legal_entity_id": "没有这个用人单位"}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("名册.xls", sheets.xls),
        ("名册.csv", lambda rows: sheets.csv_text(rows).encode("utf-8")),
        ("名册.csv", lambda rows: sheets.csv_text(rows).encode("utf-8-sig")),
        ("名册.csv", lambda rows: sheets.csv_text(rows).encode("gbk")),
        ("名册.csv", lambda rows: sheets.csv_text(rows).encode("gb18030")),
        ("名册.txt", lambda rows: sheets.csv_text(rows).replace(",", "\t").encode("utf-16")),
        ("名册.csv", sheets.xlsx),
    ],
    ids=["xls", "utf-8", "bom", "gbk", "gb18030", "utf-16 tabs", "xlsx called csv"],
)
async def test_every_kind_of_file_says_the_same(ctx: Context, name: str, make: Any) -> None:
    rows = sheets.roster(12)
    found = await staged(ctx, make([list(sheets.ROSTER), *rows]), name, legal_entity_id=None)
    assert set(found.plan["mapping"]) == {
        "number", "name", "gender", "id_number", "unit", "position", "manager", "hired_on", "mobile", "bank_account",
        "bank_name", "home_address", "monthly_wage",
    }  # fmt: skip
    assert {fault["code"] for fault in found.counts["faults"]} == {"legal_entity_missing"}
    cells = await ctx.session.scalars(select(ImportRow).where(ImportRow.import_id == found.id))
    assert [row.values["person"]["id_number"] for row in cells] == [row[4] for row in rows]


async def test_nothing_of_the_file_lies_open(act: Act) -> None:
    rows = sheets.roster(3)
    async with act() as ctx:
        found = await staged(ctx, sheets.xlsx([list(sheets.ROSTER), *rows]))
        raw = (
            await ctx.session.execute(
                text("SELECT i::text, r::text FROM records_import i JOIN records_import_row r ON r.import_id = i.id")
            )
        ).all()
        stored = repr(raw)
        assert found.file_ct is not None
        assert b"PK" not in found.file_ct[:4]
    for row in rows:
        for secret in (row[2], row[4], row[9], row[10]):
            assert secret not in stored
            assert secret.encode().hex() not in stored


async def test_faults_are_told_at_their_cells_and_mended_in_place(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(6)
    good = rows[2][4]
    rows[1][8] = "不详"
    rows[2][4] = good[:-1] + ("1" if good[-1] != "1" else "2")
    rows[3][9] = "138001380"
    rows[4][1] = rows[5][1]
    rows[5][7] = "没有这个人"
    rows[0][2] = "=cmd|' /C calc'!A0"
    data = sheets.csv_text([list(sheets.ROSTER), *rows]).encode()
    async with act() as ctx:
        found = await staged(ctx, data, "a.csv")
        faults = await faults_of(ctx, found)
        assert faults[2, "name"] == "formula"
        assert faults[3, "hired_on"] == "date"
        assert faults[4, "id_number"] == "id_number.check_digit"
        assert faults[5, "mobile"] == "mobile"
        assert faults[7, "number"] == "number_twice"
        with pytest.raises(errors.ImportState):
            await committing.start(ctx, found.id)
    async with act() as ctx:
        column = {c["guess"]: c["index"] for c in found.layout["columns"]}
        await staging.mend(ctx, found.id, 2, column["name"], "王伟")
        await staging.mend(ctx, found.id, 3, column["hired_on"], "2020.3.1")
        await staging.mend(ctx, found.id, 4, column["id_number"], good)
        await staging.mend(ctx, found.id, 5, column["mobile"], "13800138000")
        await staging.mend(ctx, found.id, 7, column["number"], "A99999")
        await staging.mend(ctx, found.id, 7, column["manager"], "")
        found = await checking.check(ctx, found.id)
        assert await faults_of(ctx, found) == {}
        assert found.counts["ready"] == 6


async def test_a_number_that_the_spreadsheet_program_has_ruined_is_seen(ctx: Context) -> None:
    rows = sheets.roster(3)
    rows[0][4] = 110101199003071e3
    rows[1][10] = "6.22202E+18"
    found = await staged(ctx, sheets.xlsx([list(sheets.ROSTER), *rows]))
    faults = await faults_of(ctx, found)
    assert faults[2, "id_number"] == "rounded"
    assert faults[3, "bank_account"] == "rounded"


async def test_the_same_file_twice_changes_nothing(act: Act, run_job: RunJob) -> None:
    data = sheets.xlsx([list(sheets.ROSTER)[:13], *[row[:13] for row in sheets.roster(15)]])
    await committed(act, run_job, data)
    async with act() as ctx:
        before = await snapshot(ctx)
        again = await staged(ctx, data)
        assert (again.counts["skipped"], again.counts.get("ready", 0)) == (15, 0)
        with pytest.raises(errors.ImportState):
            await committing.start(ctx, again.id)
        assert await snapshot(ctx) == before


async def test_people_on_file_are_updated_by_number_or_by_id_number(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(4)
    await committed(act, run_job, sheets.xlsx([list(sheets.ROSTER), *rows]))
    update = [
        ["工号", "身份证号", "手机", "部门", "上级"],
        [rows[1][1], None, "13700137000", None, None],
        [None, rows[2][4], "13700137001", "研发中心", rows[1][2]],
    ]
    await committed(act, run_job, sheets.xlsx(update), effective_on="2025-07-01", mode="update_only")
    async with act() as ctx:
        found = {p.number: p for p in await ctx.session.scalars(select(Employee))}
        assert len(found) == 4
        assert found[rows[1][1]].mobile == "13700137000"
        assert found[rows[2][1]].mobile == "13700137001"
        ref = (await api.employee_refs(ctx, [found[rows[2][1]].id], date(2025, 7, 1)))[found[rows[2][1]].id]
        assert ref.manager_id == found[rows[1][1]].id
        old = (await api.employee_refs(ctx, [ref.id], date(2025, 6, 30)))[ref.id]
        assert old.manager_id != ref.manager_id


async def test_rows_that_quarrel_with_the_file_are_refused(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(3)
    await committed(act, run_job, sheets.xlsx([list(sheets.ROSTER), *rows]))
    random = Random(99)
    quarrel = [
        ["工号", "姓名", "身份证号", "入职日期"],
        [rows[0][1], rows[0][2], people.id_number(random), "2020-01-01"],
        ["B1", "新人", rows[1][4], "2020-01-01"],
    ]
    async with act() as ctx:
        found = await staged(ctx, sheets.xlsx(quarrel))
        faults = await faults_of(ctx, found)
        assert faults[2, "number"] == "number_of_other"
        assert faults[3, "id_number"] == "id_number_of_other"
        assert found.counts["fault"] == 2


async def test_undo_leaves_the_records_as_they_were(act: Act, run_job: RunJob) -> None:
    first = sheets.roster(20)
    await committed(act, run_job, sheets.xlsx([list(sheets.ROSTER), *first]))
    async with act() as ctx:
        before = await snapshot(ctx)
    second = [*[list(row) for row in first[:5]], *sheets.roster(10, seed=2, start=500)]
    for row in second[:5]:
        row[9], row[5] = "13700137000", "质量中心/检验科"
    second[5][7] = first[0][1]
    import_id = await committed(act, run_job, sheets.xlsx([list(sheets.ROSTER), *second]), effective_on="2026-01-01")
    async with act() as ctx:
        assert len((await snapshot(ctx))["people"]) == 30
        job_id = await undoing.start(ctx, import_id)
    await run_job(job_id)
    async with act() as ctx:
        assert await snapshot(ctx) == before
        assert (await staging.find(ctx, import_id)).state == "undone"
        assert await api.imported_pay(ctx, import_id) == []


async def test_undo_is_refused_when_something_stands_on_it(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(3)
    import_id = await committed(act, run_job, sheets.xlsx([list(sheets.ROSTER), *rows]))
    async with act() as ctx:
        person = (await ctx.session.scalars(select(Employee).where(Employee.number == rows[2][1]))).one()
        await employees.update(ctx, person.id, msgspec.convert({"status": "suspended"}, schemas.EmployeeUpdate), None)
    async with act() as ctx:
        with pytest.raises(errors.UndoRefused) as refusal:
            await undoing.start(ctx, import_id)
        assert rows[2][2] in refusal.value.hint


async def test_undo_asks_the_modules_that_stand_on_people(act: Act, run_job: RunJob) -> None:
    import_id = await committed(act, run_job, sheets.xlsx([list(sheets.ROSTER), *sheets.roster(2)]))

    async def paid(ctx: Context, employee_ids: Any) -> dict[UUID, str]:
        return dict.fromkeys(employee_ids, "已有 2026年3月 工资单")

    async def nothing(ctx: Context, employee_ids: Any) -> dict[UUID, str]:
        return {}

    api.register_dependents_check("test", paid)
    try:
        async with act() as ctx:
            with pytest.raises(errors.UndoRefused, match="不能撤销") as refusal:
                await undoing.start(ctx, import_id)
            assert "2026年3月" in refusal.value.hint
    finally:
        api.register_dependents_check("test", nothing)


async def test_a_commit_that_was_interrupted_goes_on_where_it_was(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(30)
    async with act() as ctx:
        found = await staged(ctx, sheets.xlsx([list(sheets.ROSTER), *rows]))
    async with act() as ctx:
        job_id = await committing.start(ctx, found.id)
        assert await committing.start(ctx, found.id) == job_id
    # a worker that wrote one chunk, and one that died within the second
    async with act() as ctx:
        await committing._make_organisation(ctx, await staging.find(ctx, found.id))
        await committing.write_chunk(ctx, found.id, await imports.next_ready(ctx.session, found.id, 7))
    with pytest.raises(RuntimeError, match="killed"):
        await _die_in_the_chunk(act, found.id)
    await run_job(job_id)
    await run_job(job_id)
    async with act() as ctx:
        assert (await staging.find(ctx, found.id)).counts["added"] == 30
        assert len((await snapshot(ctx))["people"]) == 30
        assert await ctx.session.scalar(select(func.count()).select_from(Unit)) == len(
            {part for row in rows for part in (row[5], row[5].split("/")[0])}
        )


async def _die_in_the_chunk(act: Act, import_id: UUID) -> None:
    async with act() as ctx:
        await committing.write_chunk(ctx, import_id, await imports.next_ready(ctx.session, import_id, 7))
        raise RuntimeError("killed")


async def test_a_number_taken_since_the_check_is_set_aside(act: Act, run_job: RunJob) -> None:
    rows = sheets.roster(12)
    async with act() as ctx:
        found = await staged(ctx, sheets.xlsx([list(sheets.ROSTER), *rows]))
        entity = (await api.legal_entities(ctx))[0]
        unit = await organisation_unit(ctx)
        await employees.create(
            ctx,
            schemas.EmployeeCreate(
                number=rows[11][1],
                name="先来的",
                hired_on=date(2020, 1, 1),
                seat=schemas.SeatCreate(unit_id=unit, legal_entity_id=entity.id),
            ),
        )
        job_id = await committing.start(ctx, found.id)
    await run_job(job_id)
    async with act() as ctx:
        found = await staging.find(ctx, found.id)
        assert (found.counts["added"], found.counts["fault"]) == (11, 1)
        assert (await faults_of(ctx, found))[13, "number"] == "taken_meanwhile"


async def organisation_unit(ctx: Context) -> UUID:
    return (await organisation.create_unit(ctx, schemas.UnitCreate(name="总部", valid_from=date(2010, 1, 1)))).id


async def test_managers_in_a_circle_are_found(ctx: Context) -> None:
    rows = sheets.roster(4)
    for row in rows:
        row[7] = None
    rows[0][7], rows[1][7], rows[2][7] = rows[1][1], rows[2][1], rows[0][1]
    await company(ctx)
    found = await staged(ctx, sheets.xlsx([list(sheets.ROSTER), *rows]))
    codes = {key: code for key, code in (await faults_of(ctx, found)).items() if key[1] == "manager"}
    assert codes == {(2, "manager"): "manager_loop", (3, "manager"): "manager_loop", (4, "manager"): "manager_loop"}


async def test_a_cancelled_import_leaves_no_rows(ctx: Context) -> None:
    found = await staged(ctx, sheets.xlsx([list(sheets.ROSTER), *sheets.roster(3)]))
    await staging.cancel(ctx, found.id)
    assert (found.state, found.file_ct) == ("cancelled", None)
    assert await ctx.session.scalar(select(func.count()).select_from(ImportRow)) == 0
