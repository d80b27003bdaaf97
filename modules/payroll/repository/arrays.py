"""What the queries of payroll share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Text, Uuid, any_, cast, literal

Rows = Sequence[Row[*tuple[Any, ...]]]


def among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """One array parameter, however many ids there are. It goes as one text: drivers write an array item by item, which
    for a thousand ids takes longer than the query."""
    listed = "{" + ",".join([each.hex for each in ids]) + "}"
    found: ColumnElement[bool] = column == any_(cast(literal(listed, Text()), ARRAY(Uuid())))
    return found
