"""Declarative bases: one metadata for the control plane, one for what every tenant has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from zhiren.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

type_map: dict[Any, Any] = {str: Text(), datetime: DateTime(timezone=True), UUID: Uuid()}


class ControlBase(DeclarativeBase):
    """Tables of the schema ``control``: who the customers are. No customer's personal data."""

    metadata = MetaData(naming_convention=NAMING, schema="control")
    type_annotation_map = type_map


class TenantBase(DeclarativeBase):
    """Tables that every tenant's schema has. No schema name here: the transaction's search_path finds them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = type_map

    def __init__(self, **values: Any) -> None:
        # the id comes first: sealed fields are bound to it
        if hasattr(type(self), "id"):
            self.id = values.pop("id", None) or new_id()
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)


def one_of(column: str, values: Sequence[str]) -> str:
    """The condition of a CHECK: text instead of an ENUM, whose OID would differ in each tenant."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


PrimaryKey = Annotated[UUID, mapped_column(Uuid(), primary_key=True, default=new_id)]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
#: counts the edits of a row; the API's ETag, and ``version_id_col`` where rows are edited by people
Version = Annotated[int, mapped_column(default=1, server_default="1")]

__all__ = ["ControlBase", "CreatedAt", "Mapped", "PrimaryKey", "TenantBase", "Version", "one_of"]
