"""The organisation on a day, read from one text."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from modules.records.rules.chart import read_chart
from modules.records.service import organisation
from tests.factories.records import company
from zhiren.context import Context
from zhiren.ids import new_id

DAY = date(2020, 6, 1)


async def test_what_is_written_now_is_read_now_though_charts_are_kept(ctx: Context) -> None:
    firm = await company(ctx)
    before = await organisation.chart_of(ctx, DAY)
    assert await organisation.chart_of(ctx, DAY) is before
    unit = await firm.unit("新部门", "总部")
    after = await organisation.chart_of(ctx, DAY)
    assert after.names[unit.id] == "新部门"
    assert unit.id not in before.names
    assert (str(unit.id), "总部/新部门") in after.units


async def test_a_unit_that_does_not_exist_on_the_day_is_not_offered(ctx: Context) -> None:
    firm = await company(ctx)
    unit = await firm.unit("新部门", "总部")
    chart = await organisation.chart_of(ctx, date(1990, 1, 1) - timedelta(days=1))
    assert unit.id not in chart.names
    assert chart.units == ()


def test_what_is_out_of_use_has_its_name_but_cannot_be_chosen() -> None:
    old, new, closed, short = (new_id() for _ in range(4))
    positions = [[old, "打字员", False], [new, "工程师", True]]
    entities = [[closed, "旧公司", "", False], [short, "新公司有限公司", "新公司", True]]
    chart = read_chart(msgspec.json.encode([None, positions, entities]).decode())
    assert chart.names == {old: "打字员", new: "工程师", closed: "旧公司", short: "新公司有限公司"}
    assert chart.positions == ((str(new), "工程师"),)
    assert chart.entities == ((str(short), "新公司"),)
    assert chart.units == ()


def test_units_stand_below_their_parents_in_their_order() -> None:
    top, left, right, below = (new_id() for _ in range(4))
    units = [[below, "乙一", right], [top, "总部", None], [left, "甲", top], [right, "乙", top]]
    chart = read_chart(msgspec.json.encode([units, None, None]).decode())
    assert [title for _id, title in chart.units] == ["总部", "总部/甲", "总部/乙", "总部/乙/乙一"]
