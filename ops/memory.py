"""What a process that serves for long does with the memory of its start."""

from __future__ import annotations

import gc


def settle() -> None:
    """Everything loaded so far stays for good: the garbage collector need not walk through it again and again.

    Measured: a quarter of the processor time of a payroll, which makes objects by the million.
    """
    gc.collect()
    gc.freeze()
