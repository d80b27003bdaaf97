"""What can be chosen in the forms of the records, and what their fields are called."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from modules.records.service import organisation
from zhiren.context import Context
from zhiren.i18n import N_

TITLES: Final[dict[str, str]] = {
    "number": N_("工号"),
    "name": N_("姓名"),
    "hired_on": N_("入职日期"),
    "birth_date": N_("出生日期"),
    "gender": N_("性别"),
    "status": N_("状态"),
    "unit_id": N_("部门"),
    "legal_entity_id": N_("用人单位"),
    "position_id": N_("岗位"),
    "manager_id": N_("直接上级"),
    "manager": N_("直接上级"),
    "city": N_("工作城市"),
    "effective_on": N_("生效日期"),
    "last_day": N_("最后工作日"),
    "valid_from": N_("设立日期"),
}


async def seat_choices(ctx: Context, day: date) -> dict[str, Any]:
    """Units by path, positions, legal entities. Managers are many: the form asks for a number or a name."""
    chart = await organisation.chart_of(ctx, day)
    return {"units": chart.units, "positions": chart.positions, "entities": chart.entities}
