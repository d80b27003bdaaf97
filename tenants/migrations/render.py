"""Writes what follows from the models: the first revision of both histories, and the snapshot a new tenant is made of.

``python -m tenants.migrations.render`` after a change of models, as long as no release carries the first revision;
``--snapshot`` writes the snapshot alone, after a revision was added.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from textwrap import indent
from typing import Any

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from sqlalchemy import MetaData, create_mock_engine

from tenants.migrations.history import CONTROL, TENANT, History
from tenants.rights import tenant_statements

SNAPSHOT = Path(__file__).parent / "tenant" / "snapshot.sql"
ROLE, SEQUENCER = "__tenant__", "__sequencer__"
FIRST = "0001"

_REVISION = '''\
"""The first tables. Written by ``python -m tenants.migrations.render``."""

# ruff: noqa
# fmt: off
import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text, Uuid
from sqlalchemy.dialects import postgresql

revision = {revision!r}
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}
'''


def first_revision(metadata: MetaData) -> str:
    """The source of a revision that makes every table of ``metadata`` in an empty schema."""
    steps: list[ops.MigrateOperation] = []
    for table in metadata.sorted_tables:
        steps.append(ops.CreateTableOp.from_table(table))
        steps.extend(
            ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    # foreign keys that go round in a circle: their tables must stand first
    steps += [
        ops.CreateForeignKeyOp.from_constraint(key)
        for table in metadata.sorted_tables
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
        if key.use_alter
    ]
    code = render_python_code(ops.UpgradeOps(steps)) if steps else "pass"
    body = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("# ###"))
    return _REVISION.format(revision=FIRST, upgrade=_indented(body))


def _indented(body: str) -> str:
    # alembic indents all lines but the first
    lines = body.splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines and not lines[0].startswith(" "):
        lines[0] = indent(lines[0], "    ")
    return "\n".join(line.rstrip() for line in lines)


def snapshot(history: History = TENANT) -> str:
    """SQL that makes a tenant's schema at the head of the history, its name being ``__tenant__``."""
    metadata = history.metadata
    out = [
        "-- What a new tenant is made of. Written by: python -m tenants.migrations.render",
        f"CREATE SCHEMA {ROLE}",
        f"GRANT USAGE ON SCHEMA {ROLE} TO {ROLE}, {SEQUENCER}",
        f"SET LOCAL search_path TO {ROLE}, pg_temp",
    ]

    def emit(statement: Any, *_args: Any, **_kwargs: Any) -> None:
        out.append(str(statement.compile(dialect=engine.dialect)).strip())

    engine = create_mock_engine("postgresql+psycopg://", emit)
    metadata.create_all(engine, tables=metadata.sorted_tables, checkfirst=False)
    out += [
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
        f"INSERT INTO alembic_version (version_num) VALUES ('{history.head}')",  # noqa: S608 - our own revision's name
        *tenant_statements(metadata, role=ROLE, sequencer=SEQUENCER),
    ]
    lines = [out[0], *(statement + ";" for statement in _indexes_sorted(out[1:]))]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


def _indexes_sorted(statements: list[str]) -> Iterator[str]:
    # a table's indexes are a set: without an order the file would differ from run to run
    for are_indexes, group in groupby(
        statements, lambda text: text.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))
    ):
        found = list(group)
        yield from sorted(found) if are_indexes else found


def _first_path(history: History) -> Path:
    return history.directory / "versions" / f"r{FIRST}_first_tables.py"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snapshot", action="store_true", help="the snapshot alone")
    arguments = parser.parse_args(argv)
    if not arguments.snapshot:
        for history in (CONTROL, TENANT):
            _first_path(history).write_text(first_revision(history.metadata), encoding="utf-8")
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")


if __name__ == "__main__":
    main()
