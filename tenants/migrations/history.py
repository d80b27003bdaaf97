"""A history of revisions as SQL text: rendered once, then run as it stands in as many schemas as there are.

A revision therefore never reads the database; filling in data is the work of jobs (expand, backfill, contract).
"""

from __future__ import annotations

from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from tenants.migrations.metadata import load

Name = Literal["control", "tenant"]


class History:
    """One of the two histories. Raises alembic's CommandError when it has more than one head."""

    def __init__(self, name: Name, directory: Path | None = None) -> None:
        self.name = name
        self.directory = directory or Path(__file__).parent / name

    @cached_property
    def config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.directory))
        config.set_main_option("path_separator", "os")
        return config

    @cached_property
    def script(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config)

    @property
    def metadata(self) -> MetaData:
        control, tenant = load()
        return control if self.name == "control" else tenant

    @property
    def version_schema(self) -> str | None:
        """Where ``alembic_version`` lives: a tenant's is found by search_path, as all of its tables."""
        return "control" if self.name == "control" else None

    @cached_property
    def head(self) -> str:
        head = self.script.get_current_head()
        assert head is not None
        return head

    def upgrade_sql(self, version: str | None, to: str = "head") -> str:
        """The statements that lead from ``version`` (None: an empty schema) to ``to``, the version's own included.
        No transaction is begun or ended in them."""
        buffer = StringIO()

        def steps(revision: Any, _context: Any) -> Any:
            return self.script._upgrade_revs(to, revision)

        with EnvironmentContext(
            self.config, self.script, fn=steps, as_sql=True, starting_rev=version, destination_rev=to
        ) as environment:
            environment.configure(
                dialect_name="postgresql",
                output_buffer=buffer,
                literal_binds=True,
                version_table_schema=self.version_schema,
            )
            environment.run_migrations()
        return buffer.getvalue()

    def resets_rights(self, version: str | None) -> bool:
        """True when a revision after ``version`` makes tables, or says ``resets_rights = True``: setting the rights of
        all tables again would cost more than most changes."""
        revisions = self.script.iterate_revisions(self.head, version or "base")
        return any(
            getattr(revision.module, "resets_rights", False)
            or "op.create_table(" in Path(revision.path).read_text(encoding="utf-8")
            for revision in revisions
        )


CONTROL = History("control")
TENANT = History("tenant")
