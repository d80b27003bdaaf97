"""What a process that serves for long does with the memory of its start."""

from __future__ import annotations

import gc


def settle() -> None:
    """Everything loaded so far stays for good: the garbage collector need not walk through it again and again.

    A payroll makes objects by the million, and every so often the collector would go through all there is
    (docs/benchmarks.md has the figures).
    """
    gc.collect()
    gc.freeze()
