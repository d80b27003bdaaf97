"""What an installation decides: one frozen struct, read once at start, that names the setting that is wrong.

Every setting is an environment variable ``ZHIREN_<NAME>``. Nothing else in the code base reads the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, get_type_hints
from urllib.parse import urlsplit

import msgspec

from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _

PREFIX: Final = "ZHIREN_"
_SECRET_NAMES: Final = (
    "database_url",
    "database_owner_url",
    "database_sequencer_url",
    "redis_url",
    "smtp_url",
    "sms_url",
    "bounces_url",
)
#: variables of the same prefix that steer the launcher, not the program
_LAUNCHER: Final = frozenset({"ZHIREN_PYTHON", "ZHIREN_OFFLINE"})
#: what tests are told; a shell that tests goes on to run the program
_TESTS: Final = "ZHIREN_TEST_"


class SettingsError(ZhirenError):
    """A setting is missing, wrong or unknown. ``setting`` is the variable's name, ``hint`` what to write instead."""

    code: ClassVar[str] = "zhiren.settings"
    status: ClassVar[int] = 500

    def __init__(self, setting: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{setting}: {message}", hint=hint)
        self.setting = setting


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of an installation. Times end in ``_s`` and are seconds."""

    #: libpq URL of the app's login: owns nothing, inherits nothing
    database_url: str
    #: libpq URL of the owner of schemas and tables: migrations and provisioning only
    database_owner_url: str
    #: libpq URL of the login that chains audit events
    database_sequencer_url: str
    #: ``redis://host:port/n``, ``rediss://…`` or ``unix:///path/to.sock``
    redis_url: str

    #: OpenBao or Vault, ``http(s)://host:port``
    vault_addr: str
    vault_role_id: str
    vault_secret_id: str
    #: AppRole that creates and disables tenants' keys; empty where this process never does
    vault_provisioner_role_id: str = ""
    vault_provisioner_secret_id: str = ""
    #: file of the certificate authority that signed the key service's certificate
    vault_cacert: str | None = None
    #: seconds an opened data key may be used before the key service is asked again (kill switch, at most 60)
    data_key_cache_s: float = 60.0

    #: seconds a log-in lasts without use, and at all
    session_idle_s: int = 1800
    session_absolute_s: int = 43200

    #: tenants are found as ``<slug>.<base_domain>``
    base_domain: str = "localhost"
    host: str = "127.0.0.1"
    port: int = 8000
    #: what browsers use in front of this server; ``https`` makes cookies Secure and sends HSTS
    public_scheme: Literal["http", "https"] = "http"
    #: files of this installation: logs, embedded services, exports
    var_dir: Path = Path("var")

    #: ``smtp://user:password@host:port`` or ``smtps://…`` for customers who name no mail server of their own
    smtp_url: str = ""
    #: ``name <address>`` or an address, which then speaks in the customer's name
    smtp_from: str = ""
    #: mailbox that bounces arrive in: ``imaps://user:password@host/FOLDER`` or ``maildir:///path``
    bounces_url: str = ""
    #: ``https://:secret@gateway/path`` or ``aliyun://id:secret@host?sign=…&template=…``, likewise
    sms_url: str = ""
    #: push services besides those of the browsers, hosts with blanks between
    push_hosts: str = ""
    #: where customers' own mail servers and gateways may be: ``any`` also in this network
    provider_networks: Literal["public", "any"] = "public"

    #: ``stun:``, ``turn:`` and ``turns:`` addresses for video, separated by commas
    turn_urls: str = ""
    #: the relay's ``static-auth-secret``
    turn_secret: str = ""
    #: pictures and sound go through the relay and by no other way
    turn_only: bool = False

    web_workers: int = 2
    worker_processes: int = 1
    worker_threads: int = 4
    #: connections of one web or worker process to PostgreSQL
    database_pool_size: int = 10
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    def __repr__(self) -> str:
        """Without what opens anything: settings end up in logs and in the output of failed tests."""
        shown = (
            f"{field.name}={getattr(self, field.name)!r}"
            for field in msgspec.structs.fields(self)
            if not field.name.endswith(("_url", "_id", "_secret"))
        )
        return f"Settings({', '.join(shown)})"

    @classmethod
    def load(cls, env: Mapping[str, str]) -> Settings:
        """Read and check the settings in ``env``. Raises SettingsError at the first one that is wrong."""
        hints = get_type_hints(cls)
        _refuse_unknown(env, hints)
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            raw = env.get(PREFIX + field.name.upper())
            if raw is None or raw == "":
                if field.required:
                    raise SettingsError(PREFIX + field.name.upper(), _("没有设置。"), hint=_hint(field.name))
                continue
            try:
                values[field.name] = msgspec.convert(raw, hints[field.name], strict=False, dec_hook=_decode)
            except msgspec.ValidationError as error:
                raise SettingsError(
                    PREFIX + field.name.upper(), _said(field.name, raw, str(error)), hint=_hint(field.name)
                ) from error
        settings = cls(**values)
        settings._check()
        return settings

    def to_env(self) -> dict[str, str]:
        """The settings as variables again, for child processes."""
        values = msgspec.structs.asdict(self)
        return {PREFIX + name.upper(): str(value) for name, value in values.items() if value not in (None, "")}

    def site_url(self, slug: str) -> str:
        """Where a customer's people find it, without a slash at the end. Behind a proxy that speaks https the port is
        the usual one; without, it is this server's."""
        port = "" if self.public_scheme == "https" or self.port == 80 else f":{self.port}"
        return f"{self.public_scheme}://{slug}.{self.base_domain}{port}"

    def _check(self) -> None:
        for name in ("database_url", "database_owner_url", "database_sequencer_url"):
            _require_scheme(name, getattr(self, name), ("postgresql", "postgres"))
        _require_scheme("redis_url", self.redis_url, ("redis", "rediss", "unix"))
        _require_scheme("vault_addr", self.vault_addr, ("http", "https"))
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(
                    PREFIX + name.upper(),
                    _(
                        "{value} 超出范围，应在 {low} 到 {high} 之间。",
                        value=f"{value:g}",
                        low=f"{low:g}",
                        high=f"{high:g}",
                    ),
                )
        if self.session_idle_s > self.session_absolute_s:
            raise SettingsError(
                "ZHIREN_SESSION_IDLE_S",
                _(
                    "{value} 超过了 ZHIREN_SESSION_ABSOLUTE_S（{longest}）。",
                    value=self.session_idle_s,
                    longest=self.session_absolute_s,
                ),
                hint=_hint("session_idle_s"),
            )
        if self.smtp_url:
            _require_scheme("smtp_url", self.smtp_url, ("smtp", "smtps"))
            if "@" not in self.smtp_from:
                raise SettingsError(
                    "ZHIREN_SMTP_FROM", _("设置了邮件服务器，也要设置发件人。"), hint=_hint("smtp_from")
                )
        if self.bounces_url:
            _require_scheme("bounces_url", self.bounces_url, ("imap", "imaps", "maildir"))
        if self.sms_url:
            _require_scheme("sms_url", self.sms_url, ("http", "https", "aliyun"))
        self._check_turn()
        if self.vault_cacert is not None and not Path(self.vault_cacert).is_file():
            raise SettingsError(
                "ZHIREN_VAULT_CACERT", _("找不到文件 {file}。", file=self.vault_cacert), hint=_hint("vault_cacert")
            )
        if bool(self.vault_provisioner_role_id) != bool(self.vault_provisioner_secret_id):
            missing = "SECRET_ID" if self.vault_provisioner_role_id else "ROLE_ID"
            raise SettingsError(f"ZHIREN_VAULT_PROVISIONER_{missing}", _("与它成对的另一项已设置，这一项也要设置。"))
        if "/" in self.base_domain or ":" in self.base_domain or not self.base_domain.strip("."):
            raise SettingsError(
                "ZHIREN_BASE_DOMAIN", _("“{value}”不是域名。", value=self.base_domain), hint=_hint("base_domain")
            )

    def _check_turn(self) -> None:
        urls = [url.strip() for url in self.turn_urls.split(",") if url.strip()]
        kinds = ("stun:", "stuns:", "turn:", "turns:")
        relays = [url for url in urls if url.startswith(("turn:", "turns:"))]
        if any(not url.startswith(kinds) for url in urls):
            raise SettingsError(
                PREFIX + "TURN_URLS", _("应以 {schemes} 开头。", schemes=" / ".join(kinds)), hint=_hint("turn_urls")
            )
        if relays and not self.turn_secret:
            raise SettingsError(
                PREFIX + "TURN_SECRET", _("与它成对的另一项已设置，这一项也要设置。"), hint=_hint("turn_secret")
            )
        if self.turn_only and not relays:
            raise SettingsError(PREFIX + "TURN_URLS", _("只走中继，就要有中继的地址。"), hint=_hint("turn_urls"))


_RANGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("port", 0, 65535),
    ("data_key_cache_s", 0, 60),
    ("session_idle_s", 60, 86400),
    ("session_absolute_s", 300, 604800),
    ("web_workers", 1, 256),
    ("worker_processes", 1, 256),
    ("worker_threads", 1, 256),
    ("database_pool_size", 1, 500),
)

_HINTS: Final[dict[str, str]] = {
    "database_url": N_("例如 postgresql://zhiren_app:密码@主机/zhiren；zhiren setup --admin-url 会建好并给出。"),
    "database_owner_url": N_("例如 postgresql://zhiren_owner:密码@主机/zhiren；zhiren setup --admin-url 会给出。"),
    "database_sequencer_url": N_(
        "例如 postgresql://zhiren_sequencer:密码@主机/zhiren；zhiren setup --admin-url 会给出。"
    ),
    "redis_url": N_("例如 redis://127.0.0.1:6379/0 或 unix:///run/redis/redis.sock。"),
    "vault_addr": N_("例如 https://openbao.example.com:8200。"),
    "vault_role_id": N_("填密钥服务中为应用建立的 AppRole 的 role_id。"),
    "vault_secret_id": N_("填密钥服务中为应用建立的 AppRole 的 secret_id。"),
    "vault_cacert": N_("填签发密钥服务证书的 CA 证书文件路径。"),
    "base_domain": N_("例如 hr.example.com，不带 http:// 和端口。"),
    "session_idle_s": N_("不操作多少秒后须重新登录，例如 1800；不长于一次登录最多的秒数。"),
    "smtp_url": N_("例如 smtp://帐号:密码@smtp.example.com:587 或 smtps://帐号:密码@smtp.example.com:465。"),
    "smtp_from": N_("例如 hr@example.com 或 知人 <hr@example.com>。"),
    "bounces_url": N_("例如 imaps://帐号:密码@imap.example.com/INBOX 或 maildir:///var/mail/bounces。"),
    "sms_url": N_(
        "例如 https://:密钥@sms.example.com/send 或 aliyun://AccessKeyId:Secret@dysmsapi.aliyuncs.com?sign=签名。"
    ),
    "provider_networks": N_("填 public 或 any。"),
    "turn_urls": N_("例如 stun:turn.example.com:3478,turn:turn.example.com:3478?transport=udp。"),
    "turn_secret": N_("填 coturn 配置里 static-auth-secret 的值。"),
    "public_scheme": N_("填 http 或 https。"),
    "log_level": N_("填 debug、info、warning 或 error。"),
    "log_format": N_("填 text 或 json。"),
}


def _decode(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


def _said(name: str, raw: str, error: str) -> str:
    # the value of a secret is never repeated in a message
    if "secret" in name or name in _SECRET_NAMES:
        return _("不合要求（{reason}）。", reason=error)
    return _("“{value}”不合要求（{reason}）。", value=raw, reason=error)


def _hint(name: str) -> str:
    return _(_HINTS[name]) if name in _HINTS else ""


def _require_scheme(name: str, url: str, schemes: tuple[str, ...]) -> None:
    try:
        found = urlsplit(url).scheme
    except ValueError:
        found = ""
    if found not in schemes:
        raise SettingsError(
            PREFIX + name.upper(),
            _("应以 {schemes} 开头。", schemes=" / ".join(s + "://" for s in schemes)),
            hint=_hint(name),
        )


def _refuse_unknown(env: Mapping[str, str], hints: Mapping[str, Any]) -> None:
    # a misspelt setting would otherwise be ignored in silence
    for name in sorted(env):
        if name in _LAUNCHER or name.startswith(_TESTS):
            continue
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in hints:
            near = _nearest(name.removeprefix(PREFIX).lower(), hints)
            raise SettingsError(
                name, _("没有这一项设置。"), hint=_("是否想写 {name}？", name=PREFIX + near.upper()) if near else ""
            )


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    return next(iter(get_close_matches(name, list(known), n=1)), "")
