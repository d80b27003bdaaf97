"""The installation a command works on: its settings, and the services it had to start for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ops.services import Running, start
from zhiren.settings import Settings

ROOT = Path(__file__).parents[1]


class Installation:
    """Handed to every command (``click.pass_obj``). Nothing is read or started before it is asked for."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = {name: value for name, value in env.items() if name.startswith("ZHIREN_")}
        self._running: Running | None = None

    @property
    def var_dir(self) -> Path:
        """``ZHIREN_VAR_DIR``, else ``var`` in the checkout, else ``var`` in the current folder."""
        if given := self.env.get("ZHIREN_VAR_DIR"):
            return Path(given).absolute()
        home = ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()
        return home / "var"

    def services(self) -> Running:
        """The services that no setting gives, started or joined. Raises ServiceError."""
        if self._running is None:
            self._running = start(self.var_dir, self.env)
        return self._running

    def load(self, **changes: str) -> Settings:
        """Checked settings; ``changes`` are those given on the command line. Raises SettingsError, ServiceError."""
        given = {f"ZHIREN_{name.upper()}": value for name, value in changes.items()}
        return Settings.load({**self.services().settings_env, **given})

    @contextmanager
    def settings(self) -> Iterator[Settings]:
        """Settings while the services run: how the floors below ask for them, who know nothing of services."""
        yield self.load()

    @property
    def seeds(self) -> Sequence[Any]:
        """What a new customer is filled with; loaded when asked for, since it brings every module."""
        return (import_module("ops.hosted").seed,)

    def close(self) -> None:
        """Let go of the services; the last user stops them."""
        if self._running is not None:
            self._running.stop()
            self._running = None
