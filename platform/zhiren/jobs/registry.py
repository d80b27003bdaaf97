"""The jobs that exist: ``@job`` declares one, modules list theirs, the worker looks them up by name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec

if TYPE_CHECKING:
    from zhiren.jobs.run import JobRun

P = ParamSpec("P")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class JobDefinition(Generic[P]):
    """What ``@job`` makes of a function. Calling it runs the body here and now, as tests do."""

    name: str
    #: Chinese source text
    title: str
    body: Callable[Concatenate[JobRun, P], Awaitable[dict[str, Any] | None]]
    #: how often an unexpected exception is tried again; counts anew after each progress
    max_retries: int = 5
    time_limit_s: float = 3600
    #: not listed unless it fails
    quiet: bool = False

    async def __call__(self, run: JobRun, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any] | None:
        return await self.body(run, *args, **kwargs)


_definitions: dict[str, JobDefinition[...]] = {}


def job(
    name: str, *, title: str, max_retries: int = 5, time_limit_s: float = 3600, quiet: bool = False
) -> Callable[[Callable[Concatenate[JobRun, P], Awaitable[dict[str, Any] | None]]], JobDefinition[P]]:
    """Declare an async function to be a job. Its arguments are ids and other small JSON values, never personal data.

    The body is idempotent by chunk: a worker may die at any point, and another one begins the body anew. It works in
    transactions of its own (``async with run.tenant() as ctx``) and calls ``run.progress`` between them, at least every
    few seconds. What it returns is kept as the job's result: a small dict of JSON values.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"job name {name!r} is not of the form room.verb")

    def declare(body: Callable[Concatenate[JobRun, P], Awaitable[dict[str, Any] | None]]) -> JobDefinition[P]:
        known = _definitions.get(name)
        if known is not None and known.body.__qualname__ != body.__qualname__:
            raise ValueError(f"two jobs are named {name!r}")
        definition = JobDefinition(name, title, body, max_retries, time_limit_s, quiet)
        _definitions[name] = definition
        return definition

    return declare


def find(name: str) -> JobDefinition[Any] | None:
    return _definitions.get(name)
