"""What a customer has bought and switched on: signed licences, modules on and off, seats.

A licence is checked offline against keys compiled into the package (``docs/decisions/0008-licences.md``).
"""

from licensing.models import MODELS

__all__ = ["MODELS"]
