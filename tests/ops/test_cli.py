"""The command line: what it offers, how it refuses, how it starts and ends processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from ops import cli, preflight
from ops.cli import COMMANDS
from ops.fleet import Fleet
from ops.installation import Installation
from ops.services import Running, remove, start
from ops.services.bootstrap import bootstrap, database_url
from ops.services.processes import started_ticks
from tests.support import TestServices
from zhiren import i18n
from zhiren.settings import Settings

ROOT = Path(__file__).parents[2]
ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("ZHIREN_")},
    "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    "PYTHONUTF8": "1",
}


def zhiren(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops.cli", *arguments]
    return subprocess.run(command, env=ENV | env, cwd="/", capture_output=True, text=True, timeout=120, check=False)


def database_of(settings: Settings) -> str:
    return str(conninfo_to_dict(settings.database_url)["dbname"])


@pytest.mark.parametrize(("lang", "says"), [("zh_CN.UTF-8", "网页服务"), ("en_US.UTF-8", "Serve"), ("C", "Serve")])
def test_help_is_in_the_terminals_language_and_names_every_command(lang: str, says: str) -> None:
    done = zhiren("--help", LC_ALL=lang)
    assert done.returncode == 0
    assert says in done.stdout
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_is_there(name: str) -> None:
    command = cli.group().get_command(None, name)  # type: ignore[arg-type]
    assert command is not None


def test_an_unknown_command_and_a_wrong_setting_are_refused_in_words() -> None:
    unknown = zhiren("payday", LC_ALL="C")
    assert unknown.returncode == 2
    assert "payday" in unknown.stderr
    wrong = zhiren("preflight", LC_ALL="C", ZHIREN_PROT="80", ZHIREN_VAR_DIR="/proc/1/none")
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr


def test_preflight_finds_nothing_wrong_but_the_test_profile(services: TestServices, settings: Settings) -> None:
    """The embedded server of a test run does not wait for the disk; one that is given does."""
    failed = [check for check in preflight.run(settings) if not check.passed]
    assert [check.title for check in failed] == ([] if services.external else ["提交的数据断电不丢"])


def test_preflight_notices_a_right_that_came_back(services: TestServices) -> None:
    settings = Settings.load(services.another_database("granted"))
    with psycopg.connect(services.admin_url, dbname=database_of(settings)) as admin:
        admin.execute("GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC")
    failed = [check for check in preflight.run(settings) if not check.passed]
    assert "set_config 已收回" in [check.title for check in failed]
    assert all(check.fix for check in failed)


def test_preflight_names_what_does_not_answer(settings: Settings) -> None:
    gone = {
        **settings.to_env(),
        "ZHIREN_REDIS_URL": "unix:///nowhere/redis.sock",
        "ZHIREN_VAULT_ADDR": "http://127.0.0.1:9",
        "ZHIREN_DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere",
    }
    checks = {check.title: check for check in preflight.run(Settings.load(gone))}
    assert [title for title in ("PostgreSQL", "Redis", "OpenBao") if checks[title].passed] == []
    assert "ZHIREN_REDIS_URL" in checks["Redis"].fix


@pytest.mark.parametrize(
    ("admin", "expected"),
    [
        ("postgresql://root:x@db:5433/postgres?sslmode=require", "postgresql://r:p%2Fw@db:5433/d?sslmode=require"),
        ("postgresql://root@/postgres?host=/run/pg", "postgresql://r:p%2Fw@/d?host=/run/pg"),
        ("host=db user=root dbname=postgres", "postgresql://r:p%2Fw@db/d"),
        ("postgresql://root@[::1]:5432/x", "postgresql://r:p%2Fw@[::1]:5432/d"),
    ],
)
def test_urls_keep_everything_but_the_log_in(admin: str, expected: str) -> None:
    assert database_url(admin, "r", "p/w", "d") == expected


def test_bootstrap_may_be_repeated_and_leaves_passwords_alone(services: TestServices, settings: Settings) -> None:
    again = bootstrap(services.admin_url, database=database_of(settings))
    assert set(again.unchanged) == {"zhiren_app", "zhiren_owner", "zhiren_sequencer"}
    psycopg.connect(settings.database_url).close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="fleet-") as parent:
        Path(parent).chmod(0o755)
        with start(Path(parent) / "var", profile="test") as services:
            assert zhiren("setup", LC_ALL="C", **services.settings_env).returncode == 0
            yield services
        remove(Path(parent) / "var")


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(what: object, limit_s: float = 60.0) -> None:
    end = time.monotonic() + limit_s
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
def test_serve_answers_and_ends_on_sigterm(running: Running) -> None:
    port = free_port()
    env = ENV | running.settings_env | {"LC_ALL": "C"}
    command = [sys.executable, "-m", "ops.cli", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as serving:
        wait_for(lambda: healthy(port))
        serving.terminate()
        assert serving.wait(30) == 0
    assert not healthy(port)


@pytest.mark.faults
def test_a_fleet_replaces_its_dead_and_leaves_nothing_behind(running: Running) -> None:
    fleet = Fleet(Settings.load({**running.settings_env, "ZHIREN_PORT": str(free_port())}), [("worker", 2)])
    fleet.start()
    first = [member.process.pid for member in fleet.members if member.process]
    os.kill(first[0], signal.SIGKILL)

    def replaced() -> bool:
        for member in fleet.members:
            member.check()
        now = [member.process.pid for member in fleet.members if member.process]
        return len(now) == 2 and first[0] not in now

    wait_for(replaced)
    last = [member.process.pid for member in fleet.members if member.process]
    fleet.stop()
    assert not any(started_ticks(pid) for pid in last)


def test_seeds_and_settings_are_handed_to_the_floors_below(running: Running) -> None:
    installation = Installation(running.settings_env)
    with installation.settings() as settings:
        assert settings.database_url == running.settings_env["ZHIREN_DATABASE_URL"]
    assert len(installation.seeds) == 1
    installation.close()


def test_the_language_is_the_terminals() -> None:
    before = i18n.current_locale()
    try:
        from ops import terminal

        assert terminal.locale_of({"LANG": "zh_CN.UTF-8"}) == "zh_CN"
        assert terminal.locale_of({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}) == "en"
        assert terminal.locale_of({}) == "en"
    finally:
        i18n.set_locale(before)
