"""Spreadsheets to import: a synthetic Chinese manufacturer's roster (花名册), and Oracle's sample company.

The manufacturer is the same for the same seed. Its people do not exist; their ID numbers and bank cards pass the checks
real ones pass. Oracle's HR sample (MIT, see samples/) has English headings, one first and one last name, no ID numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]

from ops.demo import people

SAMPLES: Final = Path(__file__).parent / "samples"
SEED: Final = 20260801

BEIJING: Final = "启明精工（北京）制造有限公司"
SHANGHAI: Final = "启明精工（上海）贸易有限公司"

HEADINGS: Final = (
    "工号", "姓名", "性别", "身份证号", "手机号", "入职日期", "部门", "岗位", "直接上级", "用人单位", "工作城市",
    "家庭住址", "银行卡号", "开户行", "月薪",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Team:
    """A unit with its leader's post, its people's post, how many, and their wage in yuan from and to."""

    path: str
    leader: str
    post: str
    people: int
    low: int
    high: int
    shanghai: bool = False


_TEAMS: Final = (
    _Team("总经理办公室", "总经理", "总经理助理", 4, 18000, 32000),
    _Team("制造中心", "制造总监", "生产计划员", 12, 9000, 14000),
    _Team("制造中心/机加工车间", "车间主任", "数控操作工", 220, 6200, 9800),
    _Team("制造中心/总装车间", "车间主任", "装配工", 260, 5600, 8600),
    _Team("制造中心/注塑车间", "车间主任", "注塑工", 150, 5400, 8200),
    _Team("制造中心/表面处理车间", "车间主任", "表面处理工", 110, 6000, 9000),
    _Team("制造中心/设备动力部", "设备经理", "维修电工", 48, 7500, 12000),
    _Team("质量部", "质量总监", "检验员", 70, 6000, 9500),
    _Team("研发中心", "研发总监", "项目经理", 10, 20000, 32000),
    _Team("研发中心/机械设计部", "设计经理", "机械工程师", 42, 13000, 24000),
    _Team("研发中心/电气部", "电气经理", "电气工程师", 28, 13000, 25000),
    _Team("研发中心/软件部", "软件经理", "软件工程师", 24, 16000, 34000),
    _Team("供应链中心/采购部", "采购经理", "采购员", 24, 8000, 15000),
    _Team("供应链中心/仓储物流部", "仓储经理", "仓管员", 56, 5600, 8000),
    _Team("营销中心/华北大区", "大区经理", "销售工程师", 40, 8000, 20000),
    _Team("营销中心/华东大区", "大区经理", "销售工程师", 46, 8000, 22000, shanghai=True),
    _Team("营销中心/客户服务部", "服务经理", "售后工程师", 22, 7500, 13000, shanghai=True),
    _Team("财务部", "财务总监", "会计", 16, 9000, 16000),
    _Team("人力资源部", "人力资源总监", "人事专员", 12, 8500, 15000),
    _Team("信息部", "信息经理", "系统工程师", 10, 12000, 21000),
)
_STREETS: Final = (
    "和平里",
    "望京西园",
    "亦庄文化园",
    "通州新华大街",
    "回龙观",
    "张江高科苑",
    "莘庄春申路",
    "嘉定安亭镇",
)
_BANKS: Final = ("中国工商银行", "中国建设银行", "招商银行", "中国农业银行", "中国银行")


@dataclass(frozen=True, slots=True)
class Person:
    number: str
    name: str
    female: bool
    id_number: str
    mobile: str
    hired_on: date
    path: str
    post: str
    manager: str
    shanghai: bool
    address: str
    bank_account: str
    bank: str
    monthly_yuan: int

    def row(self) -> tuple[str | int, ...]:
        entity, city = (SHANGHAI, "上海") if self.shanghai else (BEIJING, "北京")
        return (
            self.number, self.name, "女" if self.female else "男", self.id_number, self.mobile,
            self.hired_on.isoformat(), self.path, self.post, self.manager, entity, city, self.address,
            self.bank_account, self.bank, self.monthly_yuan,
        )  # fmt: skip


def manufacturer(seed: int = SEED) -> list[Person]:
    """About 1,200 people, leaders before whom they lead."""
    random = Random(seed)  # noqa: S311 - people who do not exist
    found: list[Person] = []
    leaders: dict[str, str] = {}
    taken: set[str] = set()
    for team in _TEAMS:
        parent = team.path.rpartition("/")[0]
        above = leaders.get(parent) or leaders.get(_TEAMS[0].path, "")
        leader = _person(random, taken, len(found), team=team, post=team.leader, manager=above, leads=True)
        leaders[team.path] = leader.number
        found.append(leader)
        for _each in range(team.people):
            person = _person(random, taken, len(found), team=team, post=team.post, manager=leader.number, leads=False)
            found.append(person)
    return found


def _person(
    random: Random, taken: set[str], place: int, *, team: _Team, post: str, manager: str, leads: bool
) -> Person:
    female = random.random() < 0.38
    while (id_number := people.id_number(random, female=female)) in taken:
        pass
    taken.add(id_number)
    low, high = (team.high, int(team.high * 1.6)) if leads else (team.low, team.high)
    return Person(
        number=f"QM{place + 1:04d}",
        name=people.person_name(random),
        female=female,
        id_number=id_number,
        mobile=people.mobile(random),
        hired_on=date(2026, 6, 30) - timedelta(days=random.randrange(5200)),
        path=team.path,
        post=post,
        manager=manager,
        shanghai=team.shanghai,
        address=f"{'上海市' if team.shanghai else '北京市'}{random.choice(_STREETS)}{random.randrange(1, 60)}号楼"
        f"{random.randrange(1, 6)}单元{random.randrange(101, 2404)}室",
        bank_account=people.bank_account(random),
        bank=random.choice(_BANKS),
        monthly_yuan=random.randrange(low, high, 100),
    )


def workbook(headings: Sequence[str], rows: Iterator[Sequence[object]], sheet: str) -> bytes:
    """An xlsx as HR would keep it: numbers that are names (ID, card, mobile) stand as text."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True})
        page.write_row(0, 0, headings, bold)
        page.freeze_panes(1, 2)
        page.set_column(0, len(headings) - 1, 16)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(number, column, value)
                else:
                    page.write(number, column, value)
    return target.getvalue()


def manufacturer_workbook(staff: Sequence[Person]) -> bytes:
    return workbook(HEADINGS, (person.row() for person in staff), "花名册")


def oracle_workbook() -> bytes:
    """Oracle's 107 employees as a spreadsheet: salaries are numbers, hire dates text."""
    with (SAMPLES / "oracle_hr.csv").open(encoding="utf-8", newline="") as source:
        headings, *rows = list(csv.reader(source))
    salary = headings.index("Salary")
    typed = ([int(cell) if place == salary else cell for place, cell in enumerate(row)] for row in rows)
    return workbook(headings, typed, "Employees")
