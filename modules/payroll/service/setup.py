"""What a customer starts with: a pay group for each employer, the usual pay items, and wages found in an import."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from modules.payroll import repository
from modules.payroll.models import PayGroup, PayProfile
from modules.payroll.rules.document import Terms
from modules.payroll.schemas import GroupCreate, ItemCreate
from modules.payroll.service import settings
from modules.records import api as records
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id

#: code of the item that holds a monthly wage
MONTHLY_WAGE = "monthly_wage"
SINCE = date(2020, 1, 1)

#: code, name, kind, taxable, insurable, formula
_ITEMS = (
    (MONTHLY_WAGE, "月薪", "figure", True, True, ""),
    ("basic", "基本工资", "earning", True, True, "ROUND(月薪*在职计薪日/计薪日, 2)"),
    ("post_allowance", "岗位津贴", "earning", True, True, ""),
    ("overtime", "加班工资", "earning", True, True, ""),
    ("bonus", "绩效奖金", "earning", True, True, ""),
    ("reimbursement", "不计税补贴", "earning", False, False, ""),
    ("absence_days", "缺勤天数", "figure", True, True, ""),
    ("absence", "缺勤扣款", "deduction", True, True, "ROUND(月薪/月计薪天数*缺勤天数, 2)"),
    ("other_deduction", "其他扣款", "deduction", False, False, ""),
)


async def begin(ctx: Context) -> list[PayGroup]:
    """The usual items, and a group for each employer that has none. Does nothing a second time."""
    known = {item.code for item in await repository.item_versions(ctx.session)}
    # imported wages stand on this item, also where a customer began with items of its own
    if MONTHLY_WAGE not in known:
        for sort, (code, name, kind, taxable, insurable, formula) in enumerate(_ITEMS, 1):
            if code in known:
                continue
            # figures that formulas read come first, so that each step of the list stands by itself
            await settings.save_item(
                ctx,
                ItemCreate(
                    code=code,
                    name=name,
                    kind=kind,  # type: ignore[arg-type]
                    valid_from=SINCE,
                    taxable=taxable,
                    insurable=insurable,
                    formula=formula,
                    sort=sort * 10,
                ),
            )
    groups = await repository.groups(ctx.session)
    served = {group.legal_entity_id for group in groups}
    entities = [entity for entity in await records.legal_entities(ctx) if entity.active and entity.id not in served]
    if not groups and not entities:
        groups.append(await settings.create_group(ctx, GroupCreate(name=_("全体员工"), pay_day=10)))
    for entity in entities:
        name = entity.short_name or entity.name
        if all(group.name != name for group in groups):
            groups.append(
                await settings.create_group(ctx, GroupCreate(name=name[:60], pay_day=10, legal_entity_id=entity.id))
            )
    return groups


async def take_imported_wages(ctx: Context, payload: Mapping[str, Any]) -> None:
    """``records.import.committed``: people without terms get the wage their spreadsheet named."""
    import_id = UUID(str(payload["import_id"]))
    found = await records.imported_pay(ctx, import_id)
    if not found:
        return
    groups = await begin(ctx)
    have = await repository.employees_with_terms(ctx.session, [each.employee_id for each in found])
    refs = await records.employee_refs(ctx, [each.employee_id for each in found])
    by_entity = {group.legal_entity_id: group for group in groups if group.active}
    fallback = next(iter(by_entity.values()))
    rows: list[tuple[object, ...]] = []
    for each in found:
        ref = refs.get(each.employee_id)
        if each.employee_id in have or ref is None:
            continue
        row_id = new_id()
        terms = Terms(amounts={MONTHLY_WAGE: each.monthly_fen})
        group = by_entity.get(ref.legal_entity_id, fallback)
        sealed = PayProfile.terms.seal_value(row_id, terms, ctx.keyring)
        rows.append((row_id, each.employee_id, group.id, None, each.valid_from, import_id, sealed))
    await repository.copy_profiles(ctx.session, rows)
    audit.record(ctx, "payroll.terms.import", object_type="records.import", object_id=import_id, sensitive=True)


async def drop_imported_wages(ctx: Context, payload: Mapping[str, Any]) -> None:
    """``records.import.undone``: the terms that came with it go too."""
    import_id = UUID(str(payload["import_id"]))
    if await repository.drop_imported_profiles(ctx.session, import_id):
        audit.record(ctx, "payroll.terms.undo_import", object_type="records.import", object_id=import_id)


async def standing_on(ctx: Context, employee_ids: Collection[UUID]) -> dict[UUID, str]:
    """Why people cannot be taken away: they have been paid."""
    paid = await repository.employees_paid(ctx.session, employee_ids)
    return dict.fromkeys(paid, _("已有关账的工资条"))
