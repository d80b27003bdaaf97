"""A fresh customer with a company that pays people, for each test file."""

from __future__ import annotations

import pytest_asyncio

from tests.factories.payroll import Payroll
from tests.factories.payroll import payroll as make_payroll
from zhiren.context import TenantRef
from zhiren.db import Database


@pytest_asyncio.fixture
async def payroll(database: Database, tenant: TenantRef) -> Payroll:
    """One employer of its own, though the customer is shared by the tests of a file."""
    return await make_payroll(database, tenant)
