"""What the demonstration remembers from one start to the next."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zhiren
from tenants.migrations.history import CONTROL, TENANT


@dataclass(frozen=True, slots=True)
class Notes:
    """What the demonstration remembers of its last start, where only the user of this installation reads."""

    place: Path
    #: the one password of everybody in it: made once
    password: str
    #: the data stand as this release makes them
    complete: bool

    def write(self, *, complete: bool) -> None:
        fresh = self.place.with_suffix(".new")
        fresh.touch(mode=0o600)
        kept = {"password": self.password, "complete": _RELEASE if complete else ""}
        fresh.write_text(json.dumps(kept), encoding="utf-8")
        fresh.replace(self.place)


#: what the data depend on
_RELEASE: Final = f"{zhiren.__version__} {CONTROL.head} {TENANT.head}"


def notes(var_dir: Path) -> Notes:
    """What was remembered, or a new password."""
    place = var_dir / "demo.json"
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        return Notes(place, str(kept["password"]), kept.get("complete") == _RELEASE)
    except (OSError, ValueError, KeyError, AttributeError):
        made = Notes(place, "-".join(secrets.token_hex(2) for _part in range(5)), complete=False)
        made.write(complete=False)
        return made
