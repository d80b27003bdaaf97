"""Whether this installation may run: each check names what it found and how to mend it. Nothing is changed."""

from __future__ import annotations

import ctypes.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import hvac
import psycopg
import redis
import requests
from hvac.exceptions import Forbidden, VaultError

from zhiren.i18n import N_, _
from zhiren.settings import Settings

_SETUP: Final = N_("以超级用户执行：zhiren setup --admin-url URL（恢复备份之后也要执行）。")


@dataclass(frozen=True, slots=True)
class Check:
    title: str
    passed: bool
    #: a version or what was seen instead
    found: str = ""
    #: what to do when it did not pass
    fix: str = ""


#: title -> an expression that must be true for the app's log-in, in its database
_RIGHTS: Final = (
    (
        N_("应用登录不是超级用户，也不继承权限"),
        "NOT rolsuper AND NOT rolinherit AND NOT rolcreaterole AND NOT rolbypassrls",
    ),
    (N_("set_config 已收回"), "NOT has_function_privilege('pg_catalog.set_config(text,text,boolean)', 'EXECUTE')"),
    (N_("plpgsql 已收回"), "NOT has_language_privilege('plpgsql', 'USAGE')"),
    (
        N_("大对象已收回"),
        "NOT has_function_privilege('pg_catalog.lo_create(oid)', 'EXECUTE')"
        " AND NOT has_function_privilege('pg_catalog.lo_creat(integer)', 'EXECUTE')"
        " AND NOT has_function_privilege('pg_catalog.lo_from_bytea(oid,bytea)', 'EXECUTE')",
    ),
    (N_("临时表已收回"), "NOT has_database_privilege(current_database(), 'TEMP')"),
    (N_("不能建模式"), "NOT has_database_privilege(current_database(), 'CREATE')"),
    (
        N_("public 模式已收回"),
        "NOT has_schema_privilege('public', 'USAGE') AND NOT has_schema_privilege('public', 'CREATE')",
    ),
)


def run(settings: Settings) -> Iterator[Check]:
    """All checks, in the order in which to mend them."""
    yield Check("Python", (3, 11) <= sys.version_info[:2] < (3, 14), ".".join(map(str, sys.version_info[:3])))
    yield from _guarded("PostgreSQL", _("请启动它，或检查 ZHIREN_DATABASE_URL。"), lambda: list(_postgres(settings)))
    yield from _guarded("Redis", _("请启动它，或检查 ZHIREN_REDIS_URL。"), lambda: [_redis(settings)])
    yield from _guarded("OpenBao", _("请启动它，或检查 ZHIREN_VAULT_*。"), lambda: list(_vault(settings)))
    pango = ctypes.util.find_library("pango-1.0")
    yield Check(
        _("工资条排版（Pango）"), pango is not None, pango or "", _("请安装 libpango-1.0-0、libpangoft2-1.0-0。")
    )


def _guarded(title: str, fix: str, checks: Callable[[], list[Check]]) -> list[Check]:
    try:
        return checks()
    except (psycopg.Error, redis.RedisError, VaultError, requests.RequestException, OSError) as error:
        return [Check(title, False, str(error).strip().splitlines()[0] if str(error).strip() else "", fix)]


def _postgres(settings: Settings) -> Iterator[Check]:
    with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
        version = connection.info.server_version // 10_000
        yield Check("PostgreSQL", 15 <= version <= 18, str(version), _("支持 15 到 18 版。"))
        expressions = ", ".join(expression for _title, expression in _RIGHTS)
        query = f"SELECT {expressions} FROM pg_catalog.pg_roles WHERE rolname = current_user"  # noqa: S608 - constants
        found: tuple[Any, ...] = connection.execute(query.encode()).fetchone() or ()
        for (title, _expression), holds in zip(_RIGHTS, found, strict=True):
            yield Check(_(title), bool(holds), "", _(_SETUP))
        yield _durability(connection)
    for url, setting in (
        (settings.database_owner_url, "ZHIREN_DATABASE_OWNER_URL"),
        (settings.database_sequencer_url, "ZHIREN_DATABASE_SEQUENCER_URL"),
    ):
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            yield Check(_("{setting} 不是超级用户", setting=setting), row == (False,), connection.info.user, _(_SETUP))


def _durability(connection: psycopg.Connection[tuple[Any, ...]]) -> Check:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    values = [connection.info.parameter_status(name) or _shown(connection, name) for name in names]
    lost = [name for name, value in zip(names, values, strict=True) if value == "off"]
    return Check(_("提交的数据断电不丢"), not lost, ", ".join(lost), _("请在 postgresql.conf 中打开这些选项。"))


def _shown(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return str(row[0]) if row else ""


def _redis(settings: Settings) -> Check:
    with redis.Redis.from_url(settings.redis_url, socket_timeout=5.0) as client:
        version = str(client.info("server")["redis_version"])
    major, minor = (int(part) for part in version.split(".")[:2])
    return Check("Redis", (major, minor) >= (6, 2), version, _("需要 6.2 或更新的版本。"))


def _vault(settings: Settings) -> Iterator[Check]:
    client = hvac.Client(settings.vault_addr, verify=settings.vault_cacert or True, timeout=5)
    health: Any = client.sys.read_health_status(method="GET")
    state = health if isinstance(health, dict) else health.json()
    yield Check("OpenBao", not state.get("sealed", True), str(state.get("version", "")), _("密钥服务已封存，请解封。"))
    client.auth.approle.login(settings.vault_role_id, settings.vault_secret_id)
    transit: Any = client.secrets.transit
    reads = _allowed(lambda: transit.read_key("t_preflight"))
    exports = _allowed(lambda: transit.export_key("t_preflight", "encryption-key"))
    opens = _allowed(lambda: transit.decrypt_data("t_preflight", "vault:v1:AAAA"))
    fix = _("请按 docs/decisions/0001 收紧 AppRole 的策略。")
    yield Check(_("应用能用密钥，不能读取或导出密钥"), opens and not reads and not exports, "", fix)


def _allowed(call: Callable[[], object]) -> bool:
    """Whether the policy lets ``call`` through; that the key does not exist is another matter."""
    try:
        call()
    except Forbidden:
        return False
    except VaultError:
        return True
    return True
