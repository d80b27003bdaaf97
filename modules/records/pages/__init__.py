"""The pages of the records module."""

from __future__ import annotations

from typing import Any

from modules.records.pages import employees, imports, me, organisation

route_handlers: tuple[Any, ...] = (
    *employees.route_handlers,
    *organisation.route_handlers,
    *imports.route_handlers,
    *me.route_handlers,
)
