"""``zhiren demo --check``: the main job done over HTTP by the people whose job it is, and each promise looked at.

A customer of its own is made for every check, so that it can be run again and again beside the demonstration's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Result, Select, literal_column, select, table, text

from modules.recruiting.resumes.corpus import corpus
from ops import terminal
from ops.demo import build, customers, roster
from ops.demo.customers import Customer
from ops.demo.visitor import CheckFailed, Visitor
from tenants.owner import Owner
from zhiren.context import TenantRef
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.settings import Settings

_YEAR, _MONTH = 2026, 10
_GROUP = re.compile(r'<option value="([0-9a-f-]{36})"')
_CHOICE: Final = r'name="{name}".*?<option value="([0-9a-f-]{{36}})"'
_PAYSLIP = re.compile(r"/me/payslips/([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class Checker:
    settings: Settings
    port: int
    password: str
    customer: Customer
    tenant: TenantRef

    def visitor(self, slug: str = "", *, phone: bool = False) -> Visitor:
        return Visitor(self.port, slug or self.customer.slug, self.settings.base_domain, phone=phone)

    def signed_in(self, login: str, slug: str = "", *, phone: bool = False) -> Visitor:
        visitor = self.visitor(slug, phone=phone)
        visitor.log_in(login, self.password)
        return visitor


def check(settings: Settings, port: int, password: str) -> int:
    """0 when everything is as promised, 1 with the first thing that is not."""
    customer = Customer(f"check-{new_id().hex[-8:]}", _("核对用客户"), 500)
    try:
        tenant = asyncio.run(customers.ensure(settings, customer, password))
        checker = Checker(settings, port, password, customer, tenant)
        for step in STEPS:
            terminal.good(step(checker))
    except (CheckFailed, ZhirenError) as failure:
        terminal.bad(str(failure))
        return 1
    terminal.say(_("全部通过。"))
    return 0


def import_a_roster(checker: Checker) -> str:
    staff = roster.manufacturer()[:60]
    with checker.signed_in("hr") as hr:
        for name, data, people in (
            ("花名册.xlsx", roster.manufacturer_workbook(staff), len(staff)),
            ("oracle-hr.xlsx", roster.oracle_workbook(), 107),
        ):
            hr.page("/records/import")
            place = hr.follow("/records/import", file=(name, data))
            hr.page(place, contains=str(people))
            hr.post(f"{place}/commit")
            hr.wait_for_jobs()
        hr.page("/records/employees", contains=str(60 + 107))
    return _("人事导入两份表格，共 {people} 人（中文花名册、Oracle 英文示例），没有模板", people=167)


def pay_a_month(checker: Checker) -> str:
    paid = 0
    with checker.signed_in("payroll") as officer:
        for group_id in dict.fromkeys(_GROUP.findall(officer.page("/payroll"))):
            place = officer.follow("/payroll/runs", {"group_id": group_id, "month": f"{_YEAR}-{_MONTH}"})
            officer.page(place)
            for step in ("calculate", "review", "close", "publish"):
                officer.post(f"{place}/{step}")
                officer.wait_for_jobs()
                officer.page(place)
            officer.file(f"{place}/export.xlsx", b"PK")
            run = officer.json(f"/api/v1{place}")
            if run["status"] != "published" or run["parked"]:
                raise CheckFailed(_("工资核算没有完成：{status}，{parked} 人未算出", **run))
            paid += run["people"]
    if paid != 167:
        raise CheckFailed(_("应发 {want} 人，实发 {paid} 人", want=167, paid=paid))
    return _(
        "薪酬专员核算 {month} 工资：{people} 人算出、复核、关账、发布、导出", month=f"{_YEAR}-{_MONTH}", people=paid
    )


def read_a_payslip(checker: Checker) -> str:
    asyncio.run(_employees_log_in(checker))
    with checker.signed_in("QM0020", phone=True) as employee:
        found = _PAYSLIP.findall(employee.page("/me/payslips"))
        if not found:
            raise CheckFailed(_("员工看不到自己的工资条"))
        place = f"/me/payslips/{found[0]}"
        employee.page(place)
        pdf = employee.file(f"{place}/pdf", b"%PDF")
    with checker.signed_in("QM0006", phone=True) as colleague:
        if colleague.status(place) != 404:
            raise CheckFailed(_("别人读到了工资条"))
    return _("员工在手机上读到工资条和依据，PDF {size} kB；同事读不到", size=len(pdf) // 1024)


async def _employees_log_in(checker: Checker) -> None:
    async with customers.parts_of(checker.settings) as parts:
        builder = build.Builder(parts, checker.tenant, checker.customer, checker.password)
        await build.log_ins(builder, manager="QM0006", employee="QM0020")


def somebody_applies(checker: Checker) -> str:
    """A job is opened, a résumé fills the form of who applies, and HR finds the person."""
    (resume,) = corpus(("labelled",), each=1)
    truth = resume.truth
    with checker.signed_in("hr") as hr:
        form = hr.page("/recruiting/jobs/new")
        first = {name: _CHOICE.format(name=name) for name in ("unit_id", "owner_id")}
        chosen = {name: re.search(pattern, form, re.DOTALL) for name, pattern in first.items()}
        if not all(chosen.values()):
            raise CheckFailed(_("{path} 上没有“{text}”", path="/recruiting/jobs/new", text="unit_id, owner_id"))
        fields = {name: found[1] for name, found in chosen.items() if found}
        fields |= {"title": _("工艺工程师"), "headcount": "1", "employment_type": "full_time", "hire_mode": "social"}
        place = hr.follow("/recruiting/jobs", fields | {"duties": _("编制加工工艺。"), "listed": "1"})
        job = place.removesuffix("/settings")
        hr.page(place)
        hr.post(f"{job}/state/open")
        with checker.visitor(phone=True) as candidate:
            site = re.search(r'href="(/careers/[^"/]+)"', candidate.page("/careers"))
            if site is None:
                raise CheckFailed(_("{path} 上没有“{text}”", path="/careers", text=_("工艺工程师")))
            candidate.page(f"{site[1]}/apply")
            read = candidate.post(f"{site[1]}/apply", {"act": "read"}, file=(resume.name, resume.data), name="resume")
            if truth.mobile not in read.text:
                raise CheckFailed(_("简历没有读出手机号"))
            said = {"name": truth.name, "mobile": truth.mobile, "mail": truth.mail, "consent": "1", "act": "send"}
            candidate.post(f"{site[1]}/apply", said)
            candidate.page("/portal", contains=truth.name)
        hr.page(f"{job}/board", contains=truth.name)
    return _("候选人在手机上用 PDF 简历应聘，表格自动填好；人事在看板上看到 {name}", name=truth.name)


def nothing_to_the_other_customer(checker: Checker) -> str:
    with checker.signed_in("hr") as hr, checker.signed_in("hr", customers.ACME.slug) as other:
        employee_id = hr.json("/api/v1/records/employees")["items"][0]["id"]
        for path in (f"/records/employees/{employee_id}", f"/api/v1/records/employees/{employee_id}"):
            if other.status(path) != 404:
                raise CheckFailed(_("另一家客户打开了 {path}", path=path))
        with checker.visitor(customers.ACME.slug) as thief:
            thief.put_on(hr.cookies)
            if thief.status("/records/employees") == 200:
                raise CheckFailed(_("一家客户的登录在另一家也有效"))
        with checker.visitor("nobody-here") as lost:
            lost.page("/", status=404)
    return _("另一家客户看不到任何内容：网址、接口、偷来的登录都被拒绝")


def nothing_to_whoever_has_the_database(checker: Checker) -> str:
    secrets = [secret for person in roster.manufacturer()[:60] for secret in (person.id_number, person.bank_account)]
    (resume,) = corpus(("labelled",), each=1)
    secrets += [resume.truth.mobile, resume.truth.mail]
    wages = [str(person.monthly_yuan * 100) for person in roster.manufacturer()[:60]]
    rows, found = asyncio.run(_search(checker, [*secrets, *wages]))
    if found:
        raise CheckFailed(_("数据库里有明文：{found}", found=found[:3]))
    return _("打开数据库逐表查看 {rows} 行：没有身份证号、银行卡号、工资的明文", rows=rows)


async def _search(checker: Checker, secrets: Sequence[str]) -> tuple[int, list[str]]:
    """Reads every row of the customer's schema as its owner does, sealed bytes decoded too."""
    needles = {secret.encode() for secret in secrets if len(secret) > 6}
    owner = Owner(checker.settings)
    found: list[str] = []
    count = 0
    try:
        async with owner.transaction() as session:
            schema = checker.tenant.id
            tables = await session.scalars(
                text("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = :schema"), {"schema": schema}
            )
            for name in tables.all():
                whole_table: Select[Any] = select(literal_column("*")).select_from(table(name, schema=schema))
                rows: Result[Any] = await session.execute(whole_table)
                for row in rows:
                    count += 1
                    whole = b"|".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
                    found += [f"{name}: {needle.decode()}" for needle in needles if needle in whole]
    finally:
        await owner.close()
    return count, found


def modules_switched(checker: Checker) -> str:
    with checker.signed_in("admin") as admin, checker.signed_in("payroll") as officer:
        for on, status in (("off", 403), ("on", 200)):
            admin.page("/admin/modules")
            admin.post(f"/admin/modules/payroll/{on}")
            officer.becomes("/payroll", status)
    return _("管理员关闭再打开薪酬模块，一秒内生效，数据还在")


def everything_on_record(checker: Checker) -> str:
    with checker.signed_in("admin") as admin:
        actions = {event["action"] for event in admin.json("/api/v1/audit?limit=200")["items"]}
        admin.page("/audit")
    missing = {"payroll.run.close", "payroll.run.publish", "licensing.module.switch"} - actions
    if missing:
        raise CheckFailed(_("审计记录缺少：{missing}", missing=", ".join(sorted(missing))))
    return _("每一步都在审计记录里")


STEPS: Final = (
    import_a_roster,
    pay_a_month,
    read_a_payslip,
    somebody_applies,
    nothing_to_the_other_customer,
    nothing_to_whoever_has_the_database,
    modules_switched,
    everything_on_record,
)
