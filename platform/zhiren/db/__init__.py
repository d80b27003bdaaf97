"""Access to PostgreSQL: the bases of all models, transactions that belong to one tenant, and bulk writing."""

from zhiren.db.base import ControlBase, CreatedAt, Mapped, PrimaryKey, TenantBase, Version
from zhiren.db.copy import copy_in
from zhiren.db.database import Database

__all__ = [
    "ControlBase",
    "CreatedAt",
    "Database",
    "Mapped",
    "PrimaryKey",
    "TenantBase",
    "Version",
    "copy_in",
]
