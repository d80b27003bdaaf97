"""A run of a migration in a process of its own, so that a test can kill it: ``python -m tests.tenants.migrating DIR``.

Prints a line for each customer done.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tenants.migrate import Outcome, migrate_tenants
from tenants.migrations.history import History
from tenants.owner import Owner
from zhiren.settings import Settings

SECOND = """\
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("auth_user", sa.Column("first_mark", sa.Text()))
    op.execute("select pg_sleep({pause_s})")
    op.create_index("ix_auth_user_first_mark", "auth_user", ["first_mark"])
    op.add_column("auth_role", sa.Column("last_mark", sa.Text(), server_default="x", nullable=False))
"""


def with_one_more(folder: Path, history: History, *, pause_s: float = 0.0, body: str = SECOND) -> History:
    """A copy of ``history`` in ``folder`` with one revision more."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    for path in history.directory.glob("versions/r*.py"):
        (versions / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = body.replace("{before!r}", repr(history.head)).replace("{pause_s}", str(pause_s))
    (versions / "r9999_one_more.py").write_text(text, encoding="utf-8")
    (folder / "env.py").write_text("", encoding="utf-8")
    return History("tenant", folder)


def _tell(done: int, total: int, outcome: Outcome) -> None:
    print(done, total, outcome.slug, outcome.state, flush=True)


async def _main(folder: Path) -> None:
    owner = Owner(Settings.load(os.environ), connections=3)
    try:
        await migrate_tenants(owner, history=History("tenant", folder), progress=_tell)
    finally:
        await owner.close()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
