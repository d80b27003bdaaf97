"""Alembic's entrance to the history ``control``."""

from tenants.migrations.environment import run
from tenants.migrations.history import CONTROL

run(CONTROL)
