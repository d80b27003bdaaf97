"""A wrong setting stops the start, by name."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from zhiren.settings import Settings, SettingsError

LIST = Path(__file__).parents[2] / "docs" / "settings.md"
ENOUGH = {
    "ZHIREN_DATABASE_URL": "postgresql://zhiren_app:p@/zhiren?host=/run",
    "ZHIREN_DATABASE_OWNER_URL": "postgresql://zhiren_owner:p@/zhiren?host=/run",
    "ZHIREN_DATABASE_SEQUENCER_URL": "postgresql://zhiren_sequencer:p@/zhiren?host=/run",
    "ZHIREN_REDIS_URL": "unix:///run/redis.sock?db=0",
    "ZHIREN_VAULT_ADDR": "http://127.0.0.1:8200",
    "ZHIREN_VAULT_ROLE_ID": "role",
    "ZHIREN_VAULT_SECRET_ID": "secret",
}


def test_the_least_is_enough_and_the_rest_has_defaults() -> None:
    settings = Settings.load({**ENOUGH, "PATH": "/bin", "ZHIREN_PORT": "8100", "ZHIREN_VAR_DIR": "/srv/知人 var"})
    assert settings.port == 8100
    assert settings.var_dir == Path("/srv/知人 var")
    assert settings.base_domain == "localhost"
    assert settings.data_key_cache_s == 60


def test_settings_survive_the_way_through_the_environment() -> None:
    settings = Settings.load({**ENOUGH, "ZHIREN_DATA_KEY_CACHE_S": "2.5", "ZHIREN_PUBLIC_SCHEME": "https"})
    assert Settings.load(settings.to_env()) == settings


@pytest.mark.parametrize("name", ENOUGH)
def test_a_missing_setting_is_named_and_says_what_to_write(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({**ENOUGH, name: ""})
    assert refused.value.setting == name
    assert name in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZHIREN_PORT", "http"),
        ("ZHIREN_PORT", "70000"),
        ("ZHIREN_DATA_KEY_CACHE_S", "61"),  # the kill switch promises a minute
        ("ZHIREN_WEB_WORKERS", "0"),
        ("ZHIREN_PUBLIC_SCHEME", "ftp"),
        ("ZHIREN_DATABASE_URL", "mysql://root@/zhiren"),
        ("ZHIREN_REDIS_URL", "localhost:6379"),
        ("ZHIREN_VAULT_ADDR", "127.0.0.1:8200"),
        ("ZHIREN_VAULT_CACERT", "/no/such/file.pem"),
        ("ZHIREN_BASE_DOMAIN", "https://hr.example.com"),
        ("ZHIREN_LOG_LEVEL", "loud"),
        ("ZHIREN_SESSION_IDLE_S", "10"),
        ("ZHIREN_SESSION_IDLE_S", "50000"),  # more than the longest log-in
        ("ZHIREN_SESSION_ABSOLUTE_S", "8d"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({**ENOUGH, name: value})
    assert refused.value.setting == name


def test_the_list_for_operators_has_every_setting_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `(ZHIREN_\w+)` \| ([^|]*) \|", LIST.read_text(), re.MULTILINE))
    for field in msgspec.structs.fields(Settings):
        name = f"ZHIREN_{field.name.upper()}"
        assert name in listed, f"{name} is missing in {LIST.name}"
        if not field.required and field.default not in (None, ""):
            default = str(field.default).removesuffix(".0")
            assert (default.lower() if isinstance(field.default, bool) else default) in listed[name], name
    assert len(listed) == len(msgspec.structs.fields(Settings))


def test_what_tests_are_told_does_not_stop_the_program() -> None:
    assert Settings.load({**ENOUGH, "ZHIREN_TEST_FULL": "1"}) == Settings.load(ENOUGH)


def test_a_misspelt_setting_is_not_ignored() -> None:
    with pytest.raises(SettingsError, match="ZHIREN_REDIS_ULR") as refused:
        Settings.load({**ENOUGH, "ZHIREN_REDIS_ULR": "redis://127.0.0.1"})
    assert "ZHIREN_REDIS_URL" in refused.value.hint


def test_one_half_of_the_provisioners_log_in_is_not_enough() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({**ENOUGH, "ZHIREN_VAULT_PROVISIONER_ROLE_ID": "role"})
    assert refused.value.setting == "ZHIREN_VAULT_PROVISIONER_SECRET_ID"


def test_a_secret_is_not_repeated_in_the_message() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({**ENOUGH, "ZHIREN_DATABASE_URL": "mysql://root:hunter2@/zhiren"})
    assert "hunter2" not in str(refused.value) + refused.value.hint


def test_no_secret_shows_in_what_is_printed() -> None:
    env = {**ENOUGH, "ZHIREN_REDIS_URL": "redis://:hunter2@127.0.0.1", "ZHIREN_VAULT_SECRET_ID": "hunter2"}
    env |= {name: value.replace(":p@", ":hunter2@") for name, value in env.items()}
    settings = Settings.load(env)
    assert "hunter2" not in f"{settings} {settings!r}"
    assert "vault_addr" in repr(settings)
