"""``zhiren serve``, ``worker``, ``scheduler``: running it for real."""

from __future__ import annotations

import click

from ops import logs, terminal
from ops.fleet import Fleet, Role
from ops.installation import Installation
from zhiren.i18n import _
from zhiren.settings import Settings


@click.command(help=_("启动网页服务。"))
@click.option("--host", default=None, help=_("监听地址（默认 127.0.0.1）。"))
@click.option("--port", type=click.IntRange(1, 65535), default=None, help=_("监听端口（默认 8000）。"))
@click.option("--workers", "web_workers", type=click.IntRange(1, 256), default=None, help=_("进程数。"))
@click.pass_obj
def serve(installation: Installation, host: str | None, port: int | None, web_workers: int | None) -> None:
    settings = _settings(installation, host=host, port=port, web_workers=web_workers)
    terminal.good(
        _("网页服务：{address}", address=f"{settings.public_scheme}://<slug>.{settings.base_domain}:{settings.port}/")
    )
    _run(settings, "web", 1)


@click.command(help=_("启动后台任务进程，可以同时开很多个。"))
@click.option("--processes", "worker_processes", type=click.IntRange(1, 256), default=None, help=_("进程数。"))
@click.option("--threads", "worker_threads", type=click.IntRange(1, 256), default=None, help=_("每个进程同时做几件。"))
@click.pass_obj
def worker(installation: Installation, worker_processes: int | None, worker_threads: int | None) -> None:
    settings = _settings(installation, worker_processes=worker_processes, worker_threads=worker_threads)
    _run(settings, "worker", settings.worker_processes)


@click.command(help=_("启动调度进程：交付任务、串接审计、定时清理。"))
@click.pass_obj
def scheduler(installation: Installation) -> None:
    _run(_settings(installation), "scheduler", 1)


def _settings(installation: Installation, **options: str | int | None) -> Settings:
    settings = installation.load(**{name: str(value) for name, value in options.items() if value is not None})
    logs.configure(settings)
    return settings


def _run(settings: Settings, role: Role, count: int) -> None:
    Fleet(settings, [(role, count)]).run()
