"""What users of the services hold: a share in them, and the settings they answer to."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import zhiren
from ops.services.bootstrap import Passwords, bootstrap
from ops.services.errors import ServiceError
from ops.services.files import Lock, read_json
from ops.services.places import control_folder
from zhiren.i18n import _

_LIMIT_S: Final = 120.0
#: service -> the setting that replaces it
_REPLACED_BY: Final = {
    "postgres": "ZHIREN_DATABASE_URL",
    "redis": "ZHIREN_REDIS_URL",
    "openbao": "ZHIREN_VAULT_ADDR",
}


class Running:
    """A share in the running services. Let go of it with ``stop()``, or as a context manager."""

    def __init__(self, var_dir: Path, names: list[str], profile: str, env: Mapping[str, str]) -> None:
        self._control = control_folder(var_dir)
        self._var_dir = var_dir.absolute()
        self._names = names
        self._profile = profile
        self._given = {name: value for name, value in env.items() if name.startswith("ZHIREN_")}
        self._users = Lock(self._control / "users.lock")
        self._spawning = Lock(self._control / "spawn.lock")
        self._supervisor = Lock(self._control / "supervisor.lock")
        self._stopped = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="zhiren-services", daemon=True)
        self._state: dict[str, Any] = {}

    @property
    def settings_env(self) -> dict[str, str]:
        """Every ``ZHIREN_*`` variable: of the services started here, and those given."""
        return {**self._state.get("settings", {}), "ZHIREN_VAR_DIR": str(self._var_dir), **self._given}

    @property
    def admin_url(self) -> str:
        """The embedded PostgreSQL's superuser URL: for tests, bootstrap and backups; not a setting of the program."""
        if "admin_url" not in self._state:
            raise ServiceError(_("PostgreSQL 由设置给出，这里没有它的管理员连接。"))
        return str(self._state["admin_url"])

    def pids(self) -> dict[str, int]:
        """Process ids of the services now, by name (postgres, redis, openbao, supervisor)."""
        state = read_json(self._control / "state.json")
        return {**state.get("children", {}), "supervisor": int(state.get("pid", 0))}

    def with_database(self, database: str) -> dict[str, str]:
        """``settings_env`` for another database of the embedded PostgreSQL, made when it is missing."""
        known = read_json(self._control / "secrets.json")
        made = bootstrap(self.admin_url, database=database, passwords=Passwords.of(known))
        return {**self.settings_env, **made.settings_env}

    def stop(self) -> None:
        """Let go. Returns when the services are down, or at once when others still use them."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._watcher.is_alive():
            self._watcher.join(timeout=5)
        self._users.release()
        self._wait_until_down()
        for lock in (self._users, self._spawning, self._supervisor):
            lock.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self) -> None:
        """Take a share, starting the supervisor if there is none. Raises ServiceError."""
        self._users.shared(wait=True)
        try:
            self._state = self._until_ready()
            missing = set(self._names) - set(self._state["services"])
            if missing or self._state["profile"] != self._profile:
                wanted = f"{'、'.join(self._names)}（{self._profile}）"
                raise ServiceError(
                    _("{folder} 的服务正以另一种选择运行，这里需要 {wanted}。", folder=self._control, wanted=wanted),
                    _("请先结束使用它们的进程。"),
                )
        except BaseException:
            self._users.release()
            raise
        self._watcher.start()

    def _until_ready(self) -> dict[str, Any]:
        end = time.monotonic() + _LIMIT_S
        self._ensure_supervisor()
        while time.monotonic() < end:
            state = read_json(self._control / "state.json")
            match state.get("phase"):
                case "ready" if not self._supervisor_free():
                    return state
                case "failed":
                    raise ServiceError(state["message"], state["hint"])
                case _ if self._supervisor_free():
                    self._ensure_supervisor()
            time.sleep(0.02)
        raise ServiceError(_("服务在两分钟内没有启动好。"), _("详情见 {file}", file=self._control / "log"))

    def _ensure_supervisor(self) -> None:
        self._spawning.exclusive(wait=True)
        try:
            if not self._supervisor_free():
                return
            (self._control / "state.json").unlink(missing_ok=True)
            child = self._spawn()
            end = time.monotonic() + 20
            while time.monotonic() < end and child.poll() is None and not read_json(self._control / "state.json"):
                time.sleep(0.01)
            if child.poll() not in (None, 0) and not read_json(self._control / "state.json"):
                raise ServiceError(
                    _("看护服务的进程没有启动。"), _("详情见 {file}", file=self._control / "supervisor.log")
                )
            # it outlives us; somebody has to collect it when it ends before we do
            threading.Thread(target=child.wait, name="zhiren-supervisor-wait", daemon=True).start()
        finally:
            self._spawning.release()

    def _spawn(self) -> subprocess.Popen[bytes]:
        roots = [str(Path(__file__).parents[2]), str(Path(zhiren.__file__).parents[1])]
        keep = (
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "LC_MESSAGES",
            "TMPDIR",
            "XDG_RUNTIME_DIR",
            "LD_LIBRARY_PATH",
            "PYTHONHOME",
        )
        env = {name: os.environ[name] for name in keep if name in os.environ}
        env |= {"PYTHONPATH": os.pathsep.join(dict.fromkeys(roots)), "PYTHONUTF8": "1"}
        with (self._control / "supervisor.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "ops.services.supervisor", str(self._var_dir), self._profile, *self._names],
                cwd="/",
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _supervisor_free(self) -> bool:
        if not self._supervisor.exclusive(wait=False):
            return False
        self._supervisor.release()
        return True

    def _watch(self) -> None:
        # a supervisor that was killed is replaced; the services themselves went on meanwhile
        while not self._stopped.wait(0.5):
            if self._supervisor_free():
                with contextlib.suppress(ServiceError, OSError):
                    self._ensure_supervisor()

    def _wait_until_down(self) -> None:
        end = time.monotonic() + 40
        misses = 0
        while time.monotonic() < end and not self._supervisor_free():
            if read_json(self._control / "state.json").get("phase") != "stopping":
                if self._users.exclusive(wait=False):
                    self._users.release()
                    misses = 0
                else:
                    misses += 1
                if misses > 15:
                    return  # others use them
            time.sleep(0.02)


def remove(var_dir: Path) -> None:
    """Delete the services' data under ``var_dir`` for good. Raises ServiceError while anybody uses them."""
    control = var_dir.absolute() / "services"
    if not control.exists():
        return
    users = Lock(control / "users.lock")
    try:
        if not users.exclusive(wait=False):
            raise ServiceError(_("{folder} 的服务正在运行，不能删除。", folder=control), _("请先结束使用它们的进程。"))
        home = control / "home.path"
        if home.exists():
            shutil.rmtree(home.read_text(encoding="utf-8"), ignore_errors=True)
        shutil.rmtree(control)
    finally:
        users.close()


def start(
    var_dir: Path, env: Mapping[str, str] | None = None, *, profile: Literal["durable", "test"] = "durable"
) -> Running:
    """Start the services that ``env`` does not give, or join those already running under ``var_dir``.

    The profile ``test`` gives up durability for speed and keeps apart from a durable one by its ``var_dir``. Raises
    ServiceError, which says what to do.
    """
    given = env or {}
    names = [name for name, setting in _REPLACED_BY.items() if not given.get(setting)]
    running = Running(Path(var_dir), names, profile, given)
    if names:
        running.begin()
    return running
