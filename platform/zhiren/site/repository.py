"""Every query on the look."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.site.models import SiteLook


async def find(session: AsyncSession) -> SiteLook | None:
    found: SiteLook | None = await session.scalar(select(SiteLook))
    return found
