"""The hosted composition, save one part: licences signed with the key that everybody knows count too."""

from __future__ import annotations

import os
from collections.abc import Sequence

from litestar import Litestar

from licensing import development
from ops import hosted, logs, memory
from ops.hosted import Hosted
from zhiren.app import create_app
from zhiren.jobs.scheduler import Task
from zhiren.settings import Settings


def deployment(settings: Settings) -> Hosted:
    return hosted.deployment(settings, licence_keys=(development.PUBLIC_KEY,))


def application() -> Litestar:
    settings = Settings.load(os.environ)
    logs.configure(settings)
    app = create_app(deployment(settings))
    memory.settle()
    return app


def scheduled(parts: Hosted) -> Sequence[Task]:
    return hosted.scheduled(parts)
