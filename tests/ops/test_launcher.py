"""The launcher, as far as it can be tried without fetching anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAUNCHER = ROOT / "zhiren"


def functions() -> dict[str, str]:
    return dict(re.findall(r"^(\w+)\(\) \{(.*?)^\}", LAUNCHER.read_text("utf-8"), re.M | re.S))


def test_it_is_plain_sh_and_may_be_run() -> None:
    assert os.access(LAUNCHER, os.X_OK)
    subprocess.run(["/bin/sh", "-n", str(LAUNCHER)], check=True)


def test_no_two_functions_share_a_variable() -> None:
    # sh has no local variables: one step's stamp was once written with another's digest
    owners: dict[str, set[str]] = {}
    for name, body in functions().items():
        for variable in re.findall(r"^\s+(\w+)=", body, re.M):
            owners.setdefault(variable, set()).add(name)
    shared = {variable: names for variable, names in owners.items() if len(names) > 1}
    assert shared == {}


@pytest.mark.parametrize("lock", ["base.lock", "dev.lock", "node.lock"])
def test_locks_name_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    assert "://" not in text
    names = re.findall(r"^[\w.-]+==", text, re.M)
    assert len(names) == len(re.findall(r"^[\w.-]+==[^\n]*\\\n    --hash=sha256:", text, re.M)) > 0


def test_npm_locks_name_no_addresses() -> None:
    locks = [ROOT / ".ci" / "package-lock.json", ROOT / "platform/zhiren/web/assets/package-lock.json"]
    assert [lock for lock in locks if '"resolved"' in lock.read_text("utf-8")] == []


@pytest.mark.parametrize(("lang", "says"), [("zh_CN.UTF-8", "不是 Python"), ("C", "is not Python")])
def test_a_python_that_will_not_do_is_named(tmp_path: Path, lang: str, says: str) -> None:
    folder = tmp_path / "一 家"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(LAUNCHER, folder / "zhiren")
    shutil.copy(ROOT / "requirements" / "base.lock", folder / "requirements")
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": lang, "ZHIREN_PYTHON": "/bin/false"}
    done = subprocess.run([folder / "zhiren", "--help"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert says in done.stderr
