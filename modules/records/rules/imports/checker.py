"""The dry run: what each row would do, and what is wrong at which cell. No I/O; 10,000 rows in about a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from modules.records.rules.imports.cells import (
    CELL_FAULTS,
    CellFault,
    city_of,
    date_of,
    digits_of,
    fen_of,
    is_empty,
    path_of,
    refuse_errors,
    text_of,
    word_of,
)
from modules.records.rules.imports.directory import Directory, Known, depths, loops
from modules.records.rules.imports.fields import BY_CODE
from modules.records.rules.imports.organise import Organiser
from modules.records.rules.people import FAULTS, check_person, check_text
from zhiren.i18n import N_
from zhiren.ids import new_id

ROW_FAULTS: Final[dict[str, str]] = {
    "number_twice": N_("工号与第 {row} 行重复"),
    "id_number_twice": N_("证件号码与第 {row} 行重复"),
    "person_twice": N_("与第 {row} 行是同一个人"),
    "number_of_other": N_("工号 {number} 在档案里是另一个人（{name}），证件号码不同"),
    "id_number_of_other": N_("证件号码已在 {number} {name} 的档案里"),
    "not_on_file": N_("档案里没有这个人；当前选择只更新已有的人"),
    "manager_unknown": N_("找不到上级“{value}”；请写工号，或先导入上级"),
    "manager_ambiguous": N_("有 {count} 人叫“{value}”；请写工号"),
    "manager_self": N_("上级不能是本人"),
    "manager_row": N_("上级在第 {row} 行，那一行还有问题"),
    "manager_loop": N_("上下级形成了循环"),
    "unit_ambiguous": N_("有 {count} 个部门叫“{value}”；请写完整路径"),
    "unit_missing": N_("没有写部门，先放在「{unit}」"),
    "hired_on_history": N_("入职日期晚于第一段任职的结束日期"),
    "left_on_missing": N_("状态是离职，请填写离职日期"),
    "legal_entity_missing": N_("没有写用人单位，也没有选默认的用人单位"),
    "taken_meanwhile": N_("检查之后，这个工号或证件号码已被占用；请重新检查"),
}
ADVISORY: Final = frozenset({"unit_missing"})
TEXTS: Final[dict[str, str]] = {**FAULTS, **CELL_FAULTS, **ROW_FAULTS}
#: cells that may be left out when they cannot be read, if the person importing says so
OPTIONAL: Final = frozenset(
    {
        "gender", "birth_date", "position", "manager", "city", "mobile", "email", "home_address", "bank_account",
        "bank_name", "monthly_wage",
    }
)  # fmt: skip
_LENGTHS: Final = {"position": 64, "city": 32, "manager": 64, "legal_entity": 100, "bank_name": 64}
_PERSON: Final = (
    "number", "name", "gender", "birth_date", "hired_on", "left_on", "status", "id_kind", "id_number", "mobile",
    "email", "home_address", "bank_account", "bank_name",
)  # fmt: skip


@dataclass(slots=True)
class Fault:
    field: str
    code: str
    params: dict[str, Any]
    column: int | None
    blocks: bool


@dataclass(slots=True)
class Outcome:
    """What a row would do: add, update, skip, or nothing because of a fault."""

    row_id: UUID
    row_number: int
    state: str = "ready"
    employee_id: UUID | None = None
    commit_order: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        return any(fault.blocks for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Plan:
    """``mapping``: field → column. ``mode``: add_update, add_only or update_only. ``tolerated``: optional fields whose
    unreadable cells are left out instead of holding the row back."""

    mapping: Mapping[str, int]
    effective_on: date
    mode: str = "add_update"
    legal_entity_id: UUID | None = None
    tolerated: frozenset[str] = frozenset()


@dataclass(slots=True)
class Row:
    id: UUID
    number: int
    cells: Sequence[Any]


class Checker:
    def __init__(
        self, plan: Plan, directory: Directory, *, today: date, blind: Callable[[str], bytes], next_number: int = 1
    ) -> None:
        self.plan = plan
        self.directory = directory
        self.today = today
        self.blind = blind
        self.organiser = Organiser(directory)
        self._numbers: dict[str, int] = {}
        self._blinds: dict[bytes, int] = {}
        self._people: dict[UUID, int] = {}
        self._next_number = next_number

    def run(self, rows: Iterable[Row]) -> list[Outcome]:
        outcomes = [self._row(row) for row in rows]
        self._managers(outcomes)
        for outcome in outcomes:
            if outcome.blocked:
                outcome.state = "fault"
        self._order(outcomes)
        return outcomes

    # ---- one row by itself

    def _row(self, row: Row) -> Outcome:
        outcome = Outcome(row.id, row.number)
        values = self._read(row, outcome)
        self._name(values)
        if values.get("status") == "left":
            del values["status"]
            if values.get("left_on") is None:
                self._fault(outcome, "left_on", "left_on_missing")
        person, findings = check_person({k: v for k, v in values.items() if k in _PERSON}, today=self.today)
        for finding in findings:
            if self._fault(outcome, finding.field, finding.code, dict(finding.params), blocks=finding.blocks):
                person.pop(finding.field, None)
        known = self._match(outcome, person)
        if outcome.state == "skipped":
            return outcome
        outcome.employee_id = known.id if known else new_id()
        self._once(outcome, person)
        if known is None:
            self._required(outcome, person)
        seat = self._seat(outcome, values, known)
        outcome.values = {
            "action": "update" if known else "add",
            "person": person,
            "seat": seat,
            "manager": values.get("manager"),
        }
        if values.get("monthly_wage") is not None:
            outcome.values["monthly_wage_fen"] = values["monthly_wage"]
            outcome.values["wage_from"] = self.plan.effective_on if known else person.get("hired_on")
        return outcome

    def _read(self, row: Row, outcome: Outcome) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for code, column in self.plan.mapping.items():
            cell = row.cells[column] if column < len(row.cells) else None
            if is_empty(cell):
                continue
            try:
                values[code] = self._convert(code, cell, outcome)
            except CellFault as fault:
                self._fault(outcome, code, fault.code, fault.params)
        return {code: value for code, value in values.items() if value is not None}

    def _convert(self, code: str, cell: Any, outcome: Outcome) -> Any:
        kind = BY_CODE[code].kind
        text = text_of(cell)
        refuse_errors(text)
        if kind == "date":
            return date_of(cell)
        if kind == "money":
            return fen_of(cell)
        if kind in {"gender", "status", "id_kind"}:
            return word_of(kind, cell)
        if kind == "digits":
            return digits_of(cell)
        limit = _LENGTHS.get(code, 200)
        if code not in _PERSON and (finding := check_text(code, text, limit)):
            self._fault(outcome, code, finding.code, dict(finding.params))
            return None
        return text

    def _name(self, values: dict[str, Any]) -> None:
        last, first = values.pop("last_name", ""), values.pop("first_name", "")
        if values.get("name") or not (last or first):
            return
        western = f"{first}{last}".isascii()
        values["name"] = f"{first} {last}".strip() if western else f"{last}{first}"

    def _required(self, outcome: Outcome, person: dict[str, Any]) -> None:
        for code in ("name", "hired_on"):
            if not person.get(code) and not any(f.field == code for f in outcome.faults):
                self._fault(outcome, code, "required")
        if not person.get("number") and not any(f.field == "number" for f in outcome.faults):
            if "number" in self.plan.mapping:
                self._fault(outcome, "number", "required")
            else:
                person["number"] = self._new_number()

    def _new_number(self) -> str:
        while True:
            number = f"{self._next_number:05d}"
            self._next_number += 1
            if number not in self.directory.by_number and number not in self._numbers:
                return number

    # ---- rows against what is on file, and against each other

    def _match(self, outcome: Outcome, person: dict[str, Any]) -> Known | None:
        number, id_number = person.get("number"), person.get("id_number")
        blind = self.blind(id_number) if id_number else None
        by_number = self.directory.by_number.get(number) if number else None
        by_blind = self.directory.by_blind.get(blind) if blind else None
        if by_number and blind and by_number.id_blind and by_number.id_blind != blind:
            self._fault(outcome, "number", "number_of_other", {"number": number, "name": by_number.name})
        elif (by_number and by_blind and by_number.id != by_blind.id) or (by_blind and not by_number and number):
            params = {"number": by_blind.number, "name": by_blind.name}
            self._fault(outcome, "id_number", "id_number_of_other", params)
        known = by_number or by_blind
        if known and self.plan.mode == "add_only":
            outcome.state, outcome.employee_id = "skipped", known.id
        if known is None and self.plan.mode == "update_only":
            self._fault(outcome, "number", "not_on_file")
        return known

    def _once(self, outcome: Outcome, person: dict[str, Any]) -> None:
        number, id_number = person.get("number"), person.get("id_number")
        if number and (first := self._numbers.setdefault(number, outcome.row_number)) != outcome.row_number:
            self._fault(outcome, "number", "number_twice", {"row": first})
            return
        if id_number:
            blind = self.blind(id_number)
            if (first := self._blinds.setdefault(blind, outcome.row_number)) != outcome.row_number:
                self._fault(outcome, "id_number", "id_number_twice", {"row": first})
                return
        assert outcome.employee_id is not None
        if (first := self._people.setdefault(outcome.employee_id, outcome.row_number)) != outcome.row_number:
            self._fault(outcome, "name", "person_twice", {"row": first})

    def _seat(self, outcome: Outcome, values: dict[str, Any], known: Known | None) -> dict[str, Any]:
        seat: dict[str, Any] = {}
        levels = [values[code] for code in ("unit_1", "unit_2", "unit_3") if values.get(code)]
        path = path_of(values["unit"]) if values.get("unit") else []
        if levels:
            path = [part for level in levels for part in path_of(level)] + [p for p in path if p not in levels]
        if path or known is None:
            column = "unit" if "unit" in self.plan.mapping else "unit_1"
            if not path:
                path = [self.organiser.unplaced]
                self._fault(outcome, column, "unit_missing", {"unit": path[0]}, blocks=False)
            unit, count = self.organiser.unit(path)
            if unit is None:
                self._fault(outcome, column, "unit_ambiguous", {"count": count, "value": "/".join(path)})
            seat["unit_id"] = unit
        if values.get("position"):
            seat["position_id"] = self.organiser.position(values["position"])
        entity = self.organiser.entity(values["legal_entity"]) if values.get("legal_entity") else None
        if entity is None and known is None:
            entity = self.plan.legal_entity_id
            if entity is None:
                self._fault(outcome, "legal_entity", "legal_entity_missing")
        if entity is not None:
            seat["legal_entity_id"] = entity
        if values.get("city"):
            seat["city"] = city_of(values["city"])
            if entity is not None:
                self.organiser.entity_works_in(entity, seat["city"])
        elif known is None and entity is not None:
            seat["city"] = self.directory.cities.get(entity, "")
        return seat

    # ---- all rows together

    def _managers(self, outcomes: Sequence[Outcome]) -> None:
        by_number: dict[str, UUID] = {}
        by_name: dict[str, set[UUID]] = {}
        for outcome in outcomes:
            person = outcome.values.get("person", {})
            if outcome.employee_id:
                if person.get("number"):
                    by_number[person["number"]] = outcome.employee_id
                if person.get("name"):
                    by_name.setdefault(person["name"], set()).add(outcome.employee_id)
        chain = self.directory.manager_of()
        for outcome in outcomes:
            value = outcome.values.pop("manager", None)
            if outcome.blocked or outcome.employee_id is None or not outcome.values:
                continue
            if value is not None:
                outcome.values["seat"]["manager_id"] = self._manager(outcome, value, by_number, by_name)
                chain[outcome.employee_id] = outcome.values["seat"]["manager_id"]
            else:
                chain.setdefault(outcome.employee_id, None)
        looping = loops(chain)
        for outcome in outcomes:
            if outcome.employee_id in looping and outcome.values.get("seat", {}).get("manager_id"):
                self._fault(outcome, "manager", "manager_loop")
                outcome.values["seat"]["manager_id"] = None

    def _manager(
        self, outcome: Outcome, value: str, by_number: dict[str, UUID], by_name: dict[str, set[UUID]]
    ) -> UUID | None:
        """By number, by name, or written as 「张三(A001)」 or 「A001 张三」."""
        for text in (value, *_parts(value)):
            found = by_number.get(text)
            if found is None and text in self.directory.by_number:
                found = self.directory.by_number[text].id
            if found is not None:
                break
        else:
            people = set(by_name.get(value, ()))
            people.update(known.id for known in self.directory.by_name.get(value, []) if not known.left)
            people.discard(outcome.employee_id)
            if len(people) != 1:
                code = "manager_ambiguous" if people else "manager_unknown"
                self._fault(outcome, "manager", code, {"value": value, "count": len(people)})
                return None
            found = people.pop()
        if found == outcome.employee_id:
            self._fault(outcome, "manager", "manager_self")
            return None
        return found

    def _order(self, outcomes: Sequence[Outcome]) -> None:
        ready = {o.employee_id: o for o in outcomes if o.state == "ready" and o.employee_id}
        managers = {person: o.values.get("seat", {}).get("manager_id") for person, o in ready.items()}
        for person, depth in depths(ready, managers).items():
            ready[person].commit_order = depth
        # somebody whose manager is held back waits too, unless the manager is on file already
        rows = {o.employee_id: o.row_number for o in outcomes if o.employee_id}
        for person, outcome in sorted(ready.items(), key=lambda item: item[1].commit_order):
            manager = managers[person]
            if manager is None or manager in self.directory.by_id:
                continue
            if manager not in ready or ready[manager].state != "ready":
                self._fault(outcome, "manager", "manager_row", {"row": rows[manager]}, blocks=True)
                outcome.state = "fault"

    def _fault(
        self,
        outcome: Outcome,
        code: str,
        fault: str,
        params: Mapping[str, Any] | None = None,
        *,
        blocks: bool | None = None,
    ) -> bool:
        """Notes a fault at the field's cell. True when the cell is to be left out."""
        tolerated = code in self.plan.tolerated and code in OPTIONAL
        stands = (fault not in ADVISORY if blocks is None else blocks) and not tolerated
        outcome.faults.append(Fault(code, fault, dict(params or {}), self._column(code), stands))
        return tolerated and blocks is not False

    def _column(self, code: str) -> int | None:
        if code == "name" and "name" not in self.plan.mapping:
            code = "last_name"
        return self.plan.mapping.get(code)


def _parts(value: str) -> list[str]:
    for mark in "()（）[]【】-_/":
        value = value.replace(mark, " ")
    return value.split()
