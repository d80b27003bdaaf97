"""期初累计: sums of a tax year that were paid before the customer came here, so that the cumulative method goes on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from modules.payroll import repository
from modules.payroll.errors import InUse, PeriodInvalid, SettingNotFound
from modules.payroll.models import PayOpening
from modules.payroll.rules.tax import YearToDate
from modules.records import api as records
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.money import AMOUNT_LIMIT_FEN

Opening = tuple[UUID, int, YearToDate]


async def set_opening(ctx: Context, rows: Sequence[Opening]) -> None:
    """Sets (employee, tax year, sums) of many people at once; what was set before is replaced.

    Raises InUse for somebody with a closed payslip of that year, whose sums are known from it; PeriodInvalid at the
    figure that is wrong; SettingNotFound for an unknown person.
    """
    keys = {(employee_id, year) for employee_id, year, _sums in rows}
    if len(keys) != len(rows):
        raise PeriodInvalid(_("同一人同一年度只能有一份期初累计。"))
    for _employee_id, year, sums in rows:
        _check(year, sums)
    ids = {employee_id for employee_id, _year in keys}
    if ids - (await records.employee_refs(ctx, ids)).keys():
        raise SettingNotFound(_("没有这名员工。"))
    for year in {year for _employee_id, year in keys}:
        of_year = [employee_id for employee_id, wanted in keys if wanted == year]
        if paid := await repository.employees_paid_in(ctx.session, of_year, year):
            raise InUse(_("{count} 人在 {year} 年已有关账的工资，累计数以工资条为准。", count=len(paid), year=year))
    await repository.drop_openings(ctx.session, keys)
    sealed: list[tuple[object, ...]] = []
    for employee_id, year, sums in rows:
        row_id = new_id()
        sealed.append((row_id, employee_id, year, PayOpening.sums.seal_value(row_id, sums, ctx.keyring)))
    await repository.copy_openings(ctx.session, sealed)
    one = rows[0] if len(rows) == 1 else None
    audit.record(
        ctx,
        "payroll.opening.set",
        object_type="records.employee",
        object_id=one[0] if one else "*",
        changes={name: (None, value) for name, value in msgspec.structs.asdict(one[2]).items()}
        if one
        else {"employees": (None, [str(employee_id) for employee_id in ids])},
        sensitive=True,
    )


def _check(year: int, sums: YearToDate) -> None:
    faults = {
        name: _("请填不小于零的金额")
        for name, fen in msgspec.structs.asdict(sums).items()
        if not 0 <= fen <= AMOUNT_LIMIT_FEN
    }
    if not 2019 <= year <= 2100:
        faults["year"] = _("请填四位年份")
    if faults:
        raise PeriodInvalid(_("期初累计没有保存。"), fields=faults)
