"""Alembic's entrance to the history ``tenant``."""

from tenants.migrations.environment import run
from tenants.migrations.history import TENANT

run(TENANT)
