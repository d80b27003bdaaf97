"""Units over time, positions, legal entities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from modules.records import errors, schemas
from modules.records.models import LegalEntity, Position, Unit, UnitPeriod
from modules.records.repository import organisation
from modules.records.rules import periods
from modules.records.rules.chart import Chart, read_chart
from modules.records.rules.people import check_text
from modules.records.rules.periods import Period
from modules.records.rules.trees import unit_paths
from modules.records.schemas import given
from modules.records.service.findings import refuse
from zhiren import audit
from zhiren.clock import today
from zhiren.cn import ids
from zhiren.context import Context
from zhiren.i18n import _


class UnitValue(NamedTuple):
    name: str
    parent_id: UUID | None
    leader_id: UUID | None
    sort: int


async def tree(ctx: Context, as_of: date) -> list[schemas.Unit]:
    """Every unit on a day, parents before children, siblings in their order; two figures of people each."""
    rows = await organisation.units(ctx.session, as_of)
    paths = unit_paths({row.id: (row.name, row.parent_id) for row in rows})
    known = {row.id for row in rows}
    children: dict[UUID | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    found: list[schemas.Unit] = []

    def walk(parent: UUID | None) -> int:
        total = 0
        for row in children.pop(parent, []):
            unit = schemas.Unit(
                id=row.id,
                version=row.version,
                code=row.code,
                name=row.name,
                parent_id=row.parent_id,
                leader_id=row.leader_id,
                leader_name=row.leader_name,
                people=row.people,
                people_below=0,
                path=paths[row.id],
            )
            found.append(unit)
            unit.people_below = row.people + walk(row.id)
            total += unit.people_below
        return total

    walk(None)
    return found


async def create_unit(ctx: Context, data: schemas.UnitCreate) -> Unit:
    """Raises InvalidRecord, UnitNotFound for the parent."""
    name = _checked_name(data.name)
    if data.parent_id is not None:
        await _existing_on(ctx, data.parent_id, data.valid_from)
    if data.code:
        await _refuse_code(ctx, data.code)
    unit = Unit(code=data.code or None)
    ctx.session.add(unit)
    await ctx.session.flush()
    ctx.session.add(
        UnitPeriod(
            unit_id=unit.id,
            name=name,
            parent_id=data.parent_id,
            leader_id=data.leader_id,
            sort=data.sort,
            valid_from=data.valid_from,
        )
    )
    await ctx.session.flush()
    _record(ctx, "unit.create", unit.id, {"name": (None, name), "valid_from": (None, data.valid_from)})
    return unit


async def find_unit(ctx: Context, unit_id: UUID) -> Unit:
    found = await organisation.unit(ctx.session, unit_id)
    if found is None:
        raise errors.UnitNotFound(_("没有这个部门。"))
    return found


async def change_unit(ctx: Context, unit_id: UUID, data: schemas.UnitChange, version: int | None) -> Unit:
    """Renames, moves or gives a leader, from a day on or as a correction. Raises OrganisationLoop, EditedMeanwhile."""
    unit = await _locked(ctx, unit_id, version)
    rows = await organisation.unit_periods(ctx.session, unit_id)
    history = _history(rows)
    current = periods.at(history, data.effective_on)
    if current is None:
        raise errors.UnitNotFound(_("{day} 还没有（或已撤销）这个部门。", day=data.effective_on.isoformat()))
    fields = given(data, leave_out=frozenset({"effective_on", "kind"}))
    if "name" in fields:
        fields["name"] = _checked_name(fields["name"])
    value = current.value._replace(**fields)
    if value.parent_id is not None:
        await _existing_on(ctx, value.parent_id, data.effective_on)
        await _refuse_loop(ctx, unit_id, value.parent_id, data.effective_on)
    if data.kind == "correct":
        after = periods.correct(history, current.valid_from, value)
    else:
        after = periods.change(history, data.effective_on, value)
    await _store(ctx, unit_id, rows, after)
    unit.version += 1
    await ctx.session.flush()
    changed = {n: (getattr(current.value, n), v) for n, v in fields.items() if getattr(current.value, n) != v}
    _record(ctx, f"unit.{data.kind}", unit_id, {**changed, "effective_on": (None, data.effective_on)})
    return unit


async def close_unit(ctx: Context, unit_id: UUID, last_day: date, version: int | None) -> Unit:
    """The unit exists no longer after ``last_day``. Raises StillInUse while people or sub-units are there later."""
    unit = await _locked(ctx, unit_id, version)
    after_day = last_day + timedelta(days=1)
    people = await organisation.people_in_unit(ctx.session, unit_id, after_day)
    if people:
        raise errors.StillInUse(
            _("{n} 人在 {day} 之后仍在这个部门。", n=people, day=last_day.isoformat()),
            hint=_("请先把他们调到别的部门。"),
        )
    below = [row for row in await organisation.units(ctx.session, after_day) if row.parent_id == unit_id]
    if below:
        raise errors.StillInUse(
            _("还有下级部门：{names}。", names="、".join(row.name for row in below[:5])), hint=_("请先撤销或移走它们。")
        )
    rows = await organisation.unit_periods(ctx.session, unit_id)
    history = periods.end(_history(rows), last_day)
    if not history:
        raise errors.InvalidRecord(_("撤销日期早于设立日期。"), fields={"last_day": _("早于设立日期")})
    await _store(ctx, unit_id, rows, history)
    unit.version += 1
    await ctx.session.flush()
    _record(ctx, "unit.close", unit_id, {"last_day": (None, last_day)})
    return unit


async def positions(ctx: Context) -> list[schemas.Position]:
    people = await organisation.headcount_by_position(ctx.session, today())
    return [
        schemas.Position(
            id=row.id,
            version=row.version,
            name=row.name,
            code=row.code,
            family=row.family,
            active=row.active,
            people=people.get(row.id, 0),
        )
        for row in await organisation.positions(ctx.session)
    ]


async def create_position(ctx: Context, data: schemas.PositionCreate) -> Position:
    name = _checked_name(data.name)
    await _refuse_position(ctx, None, name, data.code)
    position = Position(name=name, code=data.code or None, family=data.family.strip())
    ctx.session.add(position)
    await ctx.session.flush()
    _record(ctx, "position.create", position.id, {"name": (None, name)})
    return position


async def update_position(
    ctx: Context, position_id: UUID, data: schemas.PositionUpdate, version: int | None
) -> Position:
    position = await organisation.position(ctx.session, position_id)
    if position is None:
        raise errors.PositionNotFound(_("没有这个岗位。"))
    _same_version(position.version, version)
    fields = given(data)
    if "name" in fields:
        fields["name"] = _checked_name(fields["name"])
    if "code" in fields:
        fields["code"] = fields["code"] or None
    await _refuse_position(ctx, position_id, fields.get("name"), fields.get("code"))
    changes = _apply(position, fields)
    await ctx.session.flush()
    if changes:
        _record(ctx, "position.update", position_id, changes)
    return position


async def legal_entities(ctx: Context) -> list[schemas.LegalEntity]:
    people = await organisation.headcount_by_legal_entity(ctx.session, today())
    return [
        schemas.LegalEntity(
            id=row.id,
            version=row.version,
            name=row.name,
            short_name=row.short_name,
            uscc=row.uscc,
            city=row.city,
            address=row.address,
            active=row.active,
            people=people.get(row.id, 0),
        )
        for row in await organisation.legal_entities(ctx.session)
    ]


async def create_legal_entity(ctx: Context, data: schemas.LegalEntityCreate) -> LegalEntity:
    fields = given(data)
    await _check_legal_entity(ctx, None, fields)
    entity = LegalEntity(**fields)
    ctx.session.add(entity)
    await ctx.session.flush()
    _record(ctx, "legal_entity.create", entity.id, {n: (None, v) for n, v in fields.items() if v})
    return entity


async def update_legal_entity(
    ctx: Context, entity_id: UUID, data: schemas.LegalEntityUpdate, version: int | None
) -> LegalEntity:
    entity = await organisation.legal_entity(ctx.session, entity_id)
    if entity is None:
        raise errors.LegalEntityNotFound(_("没有这个用人单位。"))
    _same_version(entity.version, version)
    fields = given(data)
    await _check_legal_entity(ctx, entity_id, fields)
    changes = _apply(entity, fields)
    await ctx.session.flush()
    if changes:
        _record(ctx, "legal_entity.update", entity_id, changes)
    return entity


async def chart_of(ctx: Context, as_of: date) -> Chart:
    """What everything is called on a day, and what may be chosen: in the order of ``tree``, without its figures."""
    return read_chart(await organisation.chart_text(ctx.session, as_of))


# ---- within


def _history(rows: Sequence[UnitPeriod]) -> list[Period[UnitValue]]:
    return [Period(r.valid_from, r.valid_to, UnitValue(r.name, r.parent_id, r.leader_id, r.sort)) for r in rows]


async def _store(ctx: Context, unit_id: UUID, rows: Sequence[UnitPeriod], history: Iterable[Period[UnitValue]]) -> None:
    """A unit has few periods: they are written anew as a whole."""
    for row in rows:
        await ctx.session.delete(row)
    await ctx.session.flush()
    for period in history:
        ctx.session.add(
            UnitPeriod(
                unit_id=unit_id, valid_from=period.valid_from, valid_to=period.valid_to, **period.value._asdict()
            )
        )
    await ctx.session.flush()


async def _locked(ctx: Context, unit_id: UUID, version: int | None) -> Unit:
    unit = await organisation.unit(ctx.session, unit_id, lock=True)
    if unit is None:
        raise errors.UnitNotFound(_("没有这个部门。"))
    _same_version(unit.version, version)
    return unit


def _same_version(found: int, read: int | None) -> None:
    if read is not None and found != read:
        raise errors.EditedMeanwhile(_("打开之后，这条记录已被别人修改。"), hint=_("请刷新页面，核对后再改。"))


async def _existing_on(ctx: Context, unit_id: UUID, day: date) -> None:
    history = _history(await organisation.unit_periods(ctx.session, unit_id))
    if periods.at(history, day) is None:
        raise errors.InvalidRecord(
            _("有 {n} 处需要更正。", n=1), fields={"parent_id": _("{day} 没有这个上级部门", day=day.isoformat())}
        )


async def _refuse_loop(ctx: Context, unit_id: UUID, parent_id: UUID, day: date) -> None:
    parents = {row.id: row.parent_id for row in await organisation.units(ctx.session, day)}
    above: UUID | None = parent_id
    for _step in range(len(parents) + 1):
        if above is None:
            return
        if above == unit_id:
            break
        above = parents.get(above)
    raise errors.OrganisationLoop(_("不能移到自己或自己的下级部门之下。"), fields={"parent_id": _("这会形成循环")})


async def _refuse_code(ctx: Context, code: str) -> None:
    if await organisation.unit_by_code(ctx.session, code) is not None:
        raise errors.NumberTaken(_("编号 {number} 已有人使用。", number=code), fields={"code": _("已有人使用")})


async def _refuse_position(ctx: Context, own_id: UUID | None, name: str | None, code: str | None) -> None:
    for row in await organisation.positions(ctx.session):
        if row.id == own_id:
            continue
        if name is not None and row.name == name:
            raise errors.NumberTaken(_("已有名为「{name}」的岗位。", name=name), fields={"name": _("已有人使用")})
        if code and row.code == code:
            raise errors.NumberTaken(_("编号 {number} 已有人使用。", number=code), fields={"code": _("已有人使用")})


async def _check_legal_entity(ctx: Context, own_id: UUID | None, fields: dict[str, Any]) -> None:
    if "name" in fields:
        fields["name"] = _checked_name(fields["name"], 100)
    if "uscc" in fields and not fields["uscc"]:
        fields["uscc"] = None
    if uscc := fields.get("uscc"):
        found = ids.check_uscc(uscc)
        if not found.valid:
            raise errors.InvalidRecord(
                _("统一社会信用代码不对：{why}。", why=_(ids.FAULTS[found.fault])),
                fields={"uscc": _(ids.FAULTS[found.fault])},
            )
        fields["uscc"] = found.code
    for row in await organisation.legal_entities(ctx.session):
        if row.id == own_id:
            continue
        if row.name == fields.get("name"):
            raise errors.NumberTaken(_("已有这个用人单位。"), fields={"name": _("已有人使用")})
        if fields.get("uscc") and row.uscc == fields["uscc"]:
            raise errors.NumberTaken(_("这个信用代码已有人使用。"), fields={"uscc": _("已有人使用")})


def _checked_name(name: str, limit: int = 64) -> str:
    name = name.strip()
    if not name:
        raise errors.InvalidRecord(_("名称不能为空。"), fields={"name": _("不能为空")})
    if fault := check_text("name", name, limit):
        refuse([fault])
    return name


def _apply(row: Any, fields: dict[str, Any]) -> dict[str, tuple[object, object]]:
    changes = {name: (getattr(row, name), value) for name, value in fields.items() if getattr(row, name) != value}
    for name, (_before, value) in changes.items():
        setattr(row, name, value)
    return changes


def _record(ctx: Context, what: str, object_id: UUID, changes: dict[str, tuple[object, object]]) -> None:
    audit.record(
        ctx,
        f"records.{what}",
        object_type=f"records.{what.split('.', maxsplit=1)[0]}",
        object_id=object_id,
        changes=changes,
    )
