"""Runs alembic's commands over a connection that was handed in; nothing here knows how to reach a database."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection

from tenants.migrations.history import History


def run(history: History) -> None:
    """For ``env.py``. The connection stands in ``config.attributes["connection"]``, its search_path already set."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=history.metadata, **options(history))
    with context.begin_transaction():
        context.run_migrations()


def options(history: History) -> dict[str, Any]:
    """How a schema is compared with the models: types and server defaults too."""
    return {
        "compare_type": True,
        "compare_server_default": True,
        "version_table_schema": history.version_schema,
        "include_schemas": history.name == "control",
        "include_name": _control_only if history.name == "control" else None,
    }


def _control_only(name: str | None, type_: str, _parents: object) -> bool:
    return type_ != "schema" or name == "control"
