"""The customer's own lists and settings of recruiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import CatalogueEntry


async def settings(session: AsyncSession) -> dict[str, Any]:
    """The settings' row; empty when nothing was set."""
    query = select(CatalogueEntry.data).where(CatalogueEntry.kind == "settings", CatalogueEntry.code == "settings")
    found = await session.scalar(query)
    return dict(found or {})


async def entries(session: AsyncSession, kind: str, *, active: bool = True) -> Sequence[CatalogueEntry]:
    """The entries of one list, in its order; old editions come last."""
    query = select(CatalogueEntry).where(CatalogueEntry.kind == kind)
    if active:
        query = query.where(CatalogueEntry.active)
    return (
        await session.scalars(query.order_by(CatalogueEntry.sort, CatalogueEntry.name, CatalogueEntry.edition.desc()))
    ).all()


async def entry(session: AsyncSession, kind: str, code: str) -> CatalogueEntry | None:
    """The newest edition."""
    return await session.scalar(
        select(CatalogueEntry)
        .where(CatalogueEntry.kind == kind, CatalogueEntry.code == code)
        .order_by(CatalogueEntry.edition.desc())
        .limit(1)
    )
