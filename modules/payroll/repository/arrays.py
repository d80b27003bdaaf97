"""What the queries of payroll share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Uuid, any_, literal

Rows = Sequence[Row[*tuple[Any, ...]]]


def among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """One array parameter, however many ids there are."""
    found: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(Uuid())))
    return found
