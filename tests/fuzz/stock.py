"""What really exists at the customer's, so that random requests get past "not found"."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from sqlalchemy import text

from tests.application import PASSWORD
from zhiren.context import TenantRef
from zhiren.db import Database

#: name of a parameter or field -> table whose ids it takes
_TABLES: Final = {
    "user_id": "auth_user",
    "session_id": "auth_session",
    "role_id": "auth_role",
    "view_id": "web_saved_view",
    "event_id": "audit_event",
    "job_id": "job_job",
    "employee_id": "records_employee",
    "employee_ids": "records_employee",
    "manager_id": "records_employee",
    "unit_id": "records_unit",
    "parent_id": "records_unit",
    "position_id": "records_position",
    "entity_id": "records_legal_entity",
    "legal_entity_id": "records_legal_entity",
    "import_id": "records_import",
    "run_id": "payroll_run",
    "payslip_id": "payroll_payslip",
    "item_id": "payroll_item",
    "group_id": "payroll_group",
    "profile_id": "payroll_profile",
    "application_id": "recruiting_application",
    "candidate_id": "recruiting_candidate",
    "requisition_id": "recruiting_requisition",
}
#: names that ask for one thing here and another there: both are given, in turn
_ALSO: Final = {"job_id": "recruiting_job"}
_WORDS: Final = {
    "name": ("records", "payroll"),
    "password": (PASSWORD,),
    "permission": ("records.employee.read", "payroll.run.read", "audit.read"),
    "scope": ("all", "self", "reports"),
    "city": ("上海", "北京"),
    "pay_on": ("2026-10-10", "2026-11-10"),
    "roles": ("admin", "hr", "payroll", "employee"),
    "valid_from": ("2015-01-01", "2020-03-02", "2024-02-29"),
    "year": (2025, 2026),
    "month": (8, 9, 10, 11),
    "stage": ("new", "screening", "interview", "offer"),
    "act": ("open", "pause", "close", "submit", "withdraw"),
}


class Stock:
    """Ids by the names under which requests ask for them."""

    def __init__(self, database: Database, tenant: TenantRef, random: Random) -> None:
        self._database, self._tenant, self._random = database, tenant, random
        self._ids: dict[str, list[str]] = {}

    async def refresh(self, *, without: str) -> None:
        """Look again at what there is; ``without`` is the visitor's own log-in, which stays out of harm's way."""
        async with self._database.tenant(self._tenant) as ctx:
            for table in sorted({*_TABLES.values(), *_ALSO.values()}):
                rows = await ctx.session.execute(text(f"SELECT id FROM {table} ORDER BY random() LIMIT 12"))
                self._ids[table] = [str(row.id) for row in rows if str(row.id) != without]

    def one(self, name: str) -> Any:
        """Something that exists under this name, or None."""
        tables = [table for table in (_TABLES.get(name), _ALSO.get(name)) if table and self._ids.get(table)]
        if tables:
            return self._random.choice(self._ids[self._random.choice(tables)])
        if name in _WORDS:
            return self._random.choice(_WORDS[name])
        return None

    def feed(self, values: Any, *, odds: float = 0.8) -> Any:
        """``values`` with what exists in the places that ask for it."""
        if isinstance(values, dict):
            return {name: self._fed(str(name), value, odds) for name, value in values.items()}
        if isinstance(values, list):
            return [self.feed(value, odds=odds) for value in values]
        return values

    def _fed(self, name: str, value: Any, odds: float) -> Any:
        if isinstance(value, list) and value and not isinstance(value[0], (dict, list)):
            return [self._fed(name, each, odds) for each in value]
        known = self.one(name)
        if known is not None and self._random.random() < odds:
            return known
        return self.feed(value, odds=odds)
