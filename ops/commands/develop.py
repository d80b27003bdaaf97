"""``zhiren test``, ``lint``, ``bench``: what every change has to pass. For a checkout, not for an installed wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Final, Protocol, cast

import click

from ops import terminal
from ops.installation import ROOT, Installation
from zhiren.i18n import _

#: suites that `--quick` leaves out
SLOW_MARKERS: Final = ("slow", "browser", "faults", "isolation", "fuzz")


class Measures(Protocol):
    """``ops.bench``, as far as the command line knows it."""

    def run(self, installation: Installation, only: Sequence[str], *, quick: bool) -> int:
        """Measure, print, return the exit status."""
        ...


_PASS_ON: Final = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": ["--help"]}


@click.command(
    help=_("运行测试；其余参数原样交给 pytest。--quick 不含慢、浏览器、故障、隔离和模糊测试。"),
    context_settings=_PASS_ON,
    add_help_option=False,
)
@click.option("--quick", is_flag=True, help=_("只跑快的。"))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(quick: bool, arguments: tuple[str, ...]) -> int:
    _require_checkout()
    command = [sys.executable, "-m", "pytest", "-p", "ops.testing", "-n", "2", "--dist", "loadscope"]
    command += ["--no-loadscope-reorder"]
    if quick:
        command += ["-m", " and ".join(f"not {marker}" for marker in SLOW_MARKERS)]
    os.chdir(ROOT)
    # pytest's own summary is the last line, its exit status ours
    os.execv(sys.executable, [*command, *arguments])  # noqa: S606


@click.command(help=_("检查代码：ruff、mypy、pyright、import-linter。"))
def lint() -> int:
    _require_checkout()
    python = (sys.executable, "-m")
    checks: dict[str, Sequence[str]] = {
        "ruff check": (*python, "ruff", "check", "."),
        "ruff format": (*python, "ruff", "format", "--check", "."),
        "import-linter": (sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
        "mypy": (*python, "mypy"),
        "pyright": _pyright(),
    }
    started_s = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {name: pool.submit(_checked, command) for name, command in checks.items()}
        passed = [_told(name, *future.result()) for name, future in running.items()]
    seconds = f"{time.monotonic() - started_s:.0f}"
    if all(passed):
        terminal.good(_("全部通过，用时 {seconds} 秒。", seconds=seconds))
        return 0
    terminal.bad(_("{count} 项没有通过。", count=passed.count(False)))
    return 1


@click.command(help=_("测量速度，给出与裸操作的倍数。"))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--only", multiple=True, metavar="NAME", help=_("只测名称里有 NAME 的，可重复。"))
@click.option("--quick", is_flag=True, help=_("很小的数据量，只看能不能测。"))
@click.pass_obj
def bench(installation: Installation, names: tuple[str, ...], only: tuple[str, ...], quick: bool) -> int:
    measures = cast("Measures", import_module("ops.bench"))
    return measures.run(installation, (*names, *only), quick=quick)


def _pyright() -> Sequence[str]:
    program = ROOT / ".ci" / "node_modules" / "pyright" / "index.js"
    node = shutil.which("node") or "node"
    return (node, str(program), "--pythonpath", sys.executable)


def _checked(command: Sequence[str]) -> tuple[bool, float, str]:
    started_s = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except FileNotFoundError as error:
        return False, 0.0, str(error)
    return done.returncode == 0, time.monotonic() - started_s, done.stdout.decode(errors="replace")


def _told(name: str, passed: bool, seconds: float, output: str) -> bool:
    line = f"{name}  {click.style(f'{seconds:.1f} s', dim=True)}"
    if passed:
        terminal.good(line)
    else:
        click.echo(output.rstrip())
        terminal.bad(line)
    return passed


def _require_checkout() -> None:
    if not (ROOT / "tests").is_dir():
        raise click.ClickException(_("这条命令只能在源码目录里用。"))
