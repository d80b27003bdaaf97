"""Background work: PostgreSQL's outbox is the truth, Redis is a hint.

``enqueue`` writes a job into the caller's transaction. After the commit a relay (``zhiren scheduler``) hands its id to
Dramatiq, and a worker (``zhiren worker``) takes the job with a lease in PostgreSQL. Losing Redis, or any process,
loses and doubles nothing.
"""

from zhiren.jobs import deliveries as _deliveries  # noqa: F401 - declares the job that brings events to handlers
from zhiren.jobs.errors import JobCancelled, JobFailed, JobHandedBack, JobInterrupted
from zhiren.jobs.models import Job, Outbox
from zhiren.jobs.registry import JobDefinition, job
from zhiren.jobs.run import JobRun
from zhiren.jobs.service import enqueue

MODELS: tuple[type, ...] = (Job, Outbox)

__all__ = [
    "MODELS",
    "Job",
    "JobCancelled",
    "JobDefinition",
    "JobFailed",
    "JobHandedBack",
    "JobInterrupted",
    "JobRun",
    "Outbox",
    "enqueue",
    "job",
]
