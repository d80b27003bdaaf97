"""A tenant's data keys over its life: the first ones, new ones beside them, and wrapping them anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.crypto.models import DataKey
from zhiren.crypto.service import KeyProvisioner

PURPOSES = ("fields", "blind", "audit")
#: a new data key is sealed with only when every process's cache (60 s at most) is sure to hold it
ACTIVATION_DELAY_S = 180


async def first_data_keys(provisioner: KeyProvisioner, tenant_id: str) -> list[dict[str, Any]]:
    """Makes the tenant's key and its first data keys; returns the rows for ``crypto_data_key``, active at once.

    Safe to repeat until the rows are stored: a key that is there already is kept.
    """
    await provisioner.create_key(tenant_id)
    wrapped = await provisioner.new_data_keys(tenant_id, len(PURPOSES))
    now = datetime.now(UTC)
    return [
        {"number": number, "purpose": purpose, "suite": 1, "wrapped": key, "active_from": now}
        for number, (purpose, key) in enumerate(zip(PURPOSES, wrapped, strict=True), start=1)
    ]


async def store_data_keys(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows made here; the session's role must own the tables, for tenants only read them."""
    await session.execute(insert(DataKey.__table__), list(rows))  # type: ignore[arg-type]


async def add_data_key(
    provisioner: KeyProvisioner, tenant_id: str, session: AsyncSession, *, purpose: str = "fields", suite: int = 1
) -> int:
    """A further data key for new values; old values keep theirs. Returns its number.

    There is one blind index key for good: with another, every search would miss.
    """
    if purpose == "blind":
        raise ValueError("a second blind index key would hide every value indexed with the first")
    key = DataKey.__table__.c
    numbers = (await session.scalars(select(key.number))).all()
    [wrapped] = await provisioner.new_data_keys(tenant_id, 1)
    number = max(numbers, default=0) + 1
    active_from = datetime.now(UTC) + timedelta(seconds=ACTIVATION_DELAY_S)
    await store_data_keys(
        session,
        [{"number": number, "purpose": purpose, "suite": suite, "wrapped": wrapped, "active_from": active_from}],
    )
    return number


async def rotate(provisioner: KeyProvisioner, tenant_id: str, session: AsyncSession) -> int:
    """A new version of the transit key, and all data keys wrapped under it. Returns how many were rewrapped.

    Values are not touched. Old wrappings stay good meanwhile, so nothing is refused.
    """
    await provisioner.rotate_key(tenant_id)
    return await rewrap(provisioner, tenant_id, session)


async def rewrap(provisioner: KeyProvisioner, tenant_id: str, session: AsyncSession) -> int:
    key = DataKey.__table__.c
    rows = (await session.execute(select(key.number, key.wrapped).order_by(key.number))).all()
    if not rows:
        return 0
    fresh = await provisioner.rewrap(tenant_id, [row.wrapped for row in rows])
    await session.execute(
        update(DataKey.__table__).where(key.number == bindparam("b_number")).values(wrapped=bindparam("b_wrapped")),  # type: ignore[arg-type]
        [{"b_number": row.number, "b_wrapped": new} for row, new in zip(rows, fresh, strict=True)],
    )
    return len(rows)
