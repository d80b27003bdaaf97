"""People who sign, each acting in a transaction that ends with the test."""

from __future__ import annotations

import pytest_asyncio

from tests.factories.approvals import Staff, staff
from zhiren.context import Context


@pytest_asyncio.fixture
async def people(ctx: Context) -> Staff:
    return await staff(ctx)
