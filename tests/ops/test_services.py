"""The embedded services, really started: found ready, killed, taken over, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hvac
import psycopg
import pytest
import redis

from ops.services import Running, ServiceError, remove, start
from ops.services.processes import command_line, started_ticks, when_not_busy
from zhiren.settings import Settings

ROOT = Path(__file__).parents[2]


def eventually(what: Callable[[], bool], limit_s: float = 15.0) -> None:
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end, f"not within {limit_s} s"
        time.sleep(0.05)


def answers(settings: Settings) -> bool:
    try:
        with psycopg.connect(settings.database_url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
        with redis.Redis.from_url(settings.redis_url) as client:
            client.ping()
        login(settings)
    except (psycopg.Error, redis.RedisError, hvac.exceptions.VaultError, OSError):
        return False
    return True


def login(settings: Settings, *, provisioner: bool = False) -> hvac.Client:
    client = hvac.Client(settings.vault_addr)
    role, secret = (
        (settings.vault_provisioner_role_id, settings.vault_provisioner_secret_id)
        if provisioner
        else (settings.vault_role_id, settings.vault_secret_id)
    )
    client.auth.approle.login(role, secret)
    return client


def alive(pid: int) -> bool:
    return started_ticks(pid) is not None


@pytest.fixture(scope="module")
def closed_folder() -> Iterator[Path]:
    """A folder like /root: 0700, its owner's alone, and with a name that shells and configuration files trip over."""
    with tempfile.TemporaryDirectory(prefix="closed-") as parent:
        folder = Path(parent) / "人 事 'x'"
        folder.mkdir(mode=0o700)
        yield folder
        remove(folder / "var")


@pytest.fixture(scope="module")
def running(closed_folder: Path) -> Iterator[Running]:
    with start(closed_folder / "var", profile="test") as services:
        yield services


@pytest.fixture
def settings(running: Running) -> Settings:
    return Settings.load(running.settings_env)


def test_all_three_answer_under_their_settings(settings: Settings) -> None:
    assert answers(settings)
    with psycopg.connect(settings.database_url) as connection:
        row = connection.execute("SELECT current_user, rolsuper, rolinherit FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == ("zhiren_app", False, False)
    with psycopg.connect(settings.database_owner_url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, pg_get_userbyid(datdba) = rolname "
            "FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
        )
        assert row.fetchone() == (False, True, True)


def test_no_folder_of_the_users_was_opened(running: Running, closed_folder: Path) -> None:
    for folder in (closed_folder, closed_folder.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((closed_folder / "var" / "services" / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop")
def test_nothing_runs_as_root(running: Running) -> None:
    for name, pid in running.pids().items():
        if name != "supervisor":
            assert Path(f"/proc/{pid}").stat().st_uid != 0, name


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('role', 'zhiren_owner', true)",
        "DO $$ BEGIN PERFORM 1; END $$",
        "CREATE TEMP TABLE t (x int)",
        "CREATE SCHEMA s",
        "CREATE TABLE public.t (x int)",
        "SELECT lo_create(0)",
        "CREATE ROLE other",
    ],
)
def test_the_app_may_not(settings: Settings, statement: str) -> None:
    with (
        psycopg.connect(settings.database_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_the_app_stays_out_of_other_databases(settings: Settings) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(settings.database_url, dbname="postgres")


def test_keys_are_made_by_one_log_in_and_used_by_the_other(settings: Settings) -> None:
    provisioner, app = login(settings, provisioner=True), login(settings)
    provisioner.secrets.transit.create_key("t_services")
    made = app.secrets.transit.generate_data_key("t_services", key_type="plaintext")["data"]
    assert app.secrets.transit.decrypt_data("t_services", made["ciphertext"])["data"]["plaintext"] == made["plaintext"]
    with pytest.raises(hvac.exceptions.Forbidden):
        app.secrets.transit.create_key("t_other")
    with pytest.raises(hvac.exceptions.Forbidden):
        app.secrets.transit.read_key("t_services")
    with pytest.raises(hvac.exceptions.Forbidden):
        app.secrets.transit.encrypt_data("elsewhere", "eA==")
    with pytest.raises(hvac.exceptions.Forbidden):
        provisioner.secrets.transit.decrypt_data("t_services", made["ciphertext"])


def test_a_batch_of_a_thousand_with_associated_data_is_taken(settings: Settings) -> None:
    login(settings, provisioner=True).secrets.transit.create_key("t_batch")
    batch = [{"plaintext": "eA==", "associated_data": "eA=="} for _ in range(1000)]
    answer = login(settings).secrets.transit.encrypt_data("t_batch", batch_input=batch)
    assert len(answer["data"]["batch_results"]) == 1000


def test_a_newer_release_brings_its_policies(open_folder: Path) -> None:
    start(open_folder, profile="test").stop()
    (open_folder / "services" / "home" / "openbao" / "set-up-done").write_text("older", encoding="ascii")
    with start(open_folder, profile="test") as running:
        login(Settings.load(running.settings_env), provisioner=True).secrets.transit.create_key("t_kept")
        assert "could not be renewed" not in (open_folder / "services" / "supervisor.log").read_text(encoding="utf-8")
        assert (open_folder / "services" / "home" / "openbao" / "set-up-done").read_text(encoding="ascii") != "older"


def test_another_database_has_the_same_revokes(running: Running) -> None:
    other = Settings.load(running.with_database("zhiren_other"))
    with (
        psycopg.connect(other.database_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT set_config('role', 'zhiren_owner', true)")


@pytest.mark.faults
@pytest.mark.parametrize("name", ["postgres", "redis", "openbao", "supervisor"])
def test_what_is_killed_comes_back(running: Running, settings: Settings, name: str) -> None:
    before = running.pids()
    os.kill(before[name], signal.SIGKILL)
    eventually(lambda: len(running.pids()) == len(before) and running.pids()[name] != before[name])
    eventually(lambda: answers(settings))
    after = running.pids()
    assert {other: pid for other, pid in after.items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }, "nothing else was disturbed"


HOLD = """
import sys, time
from pathlib import Path
from ops.services import start
running = start(Path(sys.argv[1]), profile="test")
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder everybody may enter: root's services stay in it, as the service user."""
    with tempfile.TemporaryDirectory(prefix="open-") as parent:
        Path(parent).chmod(0o755)
        yield Path(parent) / "var"
        remove(Path(parent) / "var")


def hold(var_dir: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(var_dir)], env=env, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    if (said := holder.stdout.readline().strip()) != "ready":
        kill(holder)
        pytest.fail(f"said {said!r} instead of ready")
    return holder


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def test_a_program_still_held_open_for_writing_is_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copy2("/bin/true", program)
    writing = program.open("ab")
    with pytest.raises(OSError, match="busy"):
        subprocess.run([program], check=True)
    threading.Timer(0.2, writing.close).start()
    assert when_not_busy(lambda: subprocess.run([program], check=False)).returncode == 0


@pytest.mark.faults
def test_services_go_when_their_user_is_killed_and_stay_while_another_is_there(open_folder: Path) -> None:
    first, second = hold(open_folder), hold(open_folder)
    running = start(open_folder, profile="test")
    pids = running.pids()
    running.stop()
    kill(first)
    time.sleep(1)
    assert all(alive(pid) for pid in pids.values())
    kill(second)
    eventually(lambda: not any(alive(pid) for pid in pids.values()))


@pytest.mark.faults
def test_the_next_start_takes_over_what_a_killed_run_left(open_folder: Path) -> None:
    holder = hold(open_folder)
    running = start(open_folder, profile="test")
    with psycopg.connect(running.admin_url, dbname="zhiren") as connection:
        connection.execute("CREATE TABLE public.kept AS SELECT 42 AS answer")
    running.stop()
    pids = Running(open_folder, [], "test", {}).pids()
    os.kill(pids["supervisor"], signal.SIGSTOP)  # so that it cannot tidy up
    kill(holder)
    os.kill(pids["supervisor"], signal.SIGKILL)
    eventually(lambda: not alive(pids["supervisor"]))
    with start(open_folder, profile="test") as again:
        now = again.pids()
        assert now.pop("supervisor") != pids.pop("supervisor")
        assert now == pids
        with psycopg.connect(again.admin_url, dbname="zhiren") as connection:
            assert connection.execute("SELECT answer FROM public.kept").fetchone() == (42,)
    assert not any(alive(pid) for pid in pids.values())


@pytest.mark.faults
def test_leftovers_nobody_noted_are_cleared(open_folder: Path) -> None:
    holder = hold(open_folder)
    pids = Running(open_folder, [], "test", {}).pids()
    os.kill(pids["supervisor"], signal.SIGSTOP)
    kill(holder)
    os.kill(pids["supervisor"], signal.SIGKILL)
    eventually(lambda: not alive(pids["supervisor"]))
    for note in (open_folder / "services").glob("*.pid"):
        note.write_text('{"pid": 1, "started_ticks": 1, "fingerprint": "another"}', encoding="utf-8")
    with start(open_folder, profile="test") as again:
        assert answers(Settings.load(again.settings_env))
        assert not any(alive(pid) for pid in pids.values())
        assert command_line(1), "process 1 was not ours and still lives"


def test_given_services_are_not_started(open_folder: Path) -> None:
    given = {
        "ZHIREN_DATABASE_URL": "postgresql://zhiren_app@db/zhiren",
        "ZHIREN_VAULT_ADDR": "https://vault.example.com",
    }
    with start(open_folder, given, profile="test") as running:
        assert set(running.pids()) == {"redis", "supervisor"}
        assert running.settings_env["ZHIREN_DATABASE_URL"] == given["ZHIREN_DATABASE_URL"]
        with pytest.raises(ServiceError):
            _ = running.admin_url


def test_data_that_is_in_use_is_not_removed(running: Running, closed_folder: Path) -> None:
    with pytest.raises(ServiceError):
        remove(closed_folder / "var")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ServiceError, match="file"):
        start(tmp_path / "file")
