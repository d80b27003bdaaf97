"""Refusals about background work, and the two signals that end a job's body early."""

from __future__ import annotations

from zhiren.errors import Conflict, NotFound, ZhirenError


class JobNotFound(NotFound):
    code = "jobs.not_found"


class JobNotCancellable(Conflict):
    code = "jobs.not_cancellable"


class JobNotRetryable(Conflict):
    code = "jobs.not_retryable"


class JobFailed(ZhirenError):
    """Raise it in a job's body to end the job at once, without retries, with a message for people."""

    code = "jobs.failed"
    status = 409


class JobInterrupted(BaseException):
    """Ends a job's body between two chunks. Not an ``Exception``: a body that catches all must not catch this."""


class JobCancelled(JobInterrupted):
    """A person asked the job to stop."""


class JobHandedBack(JobInterrupted):
    """This worker stops, or lost its lease; another one goes on where this one stood."""
