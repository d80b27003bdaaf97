"""Every table of the distribution, found by the rule that tables live in files called ``models``.

All tenants have the same tables whatever was bought, so what is installed decides, and no list has to be kept. The
rooms above this one are found by name on disk: this floor does not import them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import MetaData

from zhiren.db import ControlBase, TenantBase

ROOMS = ("zhiren", "tenants", "licensing", "modules", "ops")


def model_modules() -> list[str]:
    """Dotted names of all model files, sorted."""
    names = []
    for room in ROOMS:
        spec = find_spec(room)
        for location in spec.submodule_search_locations or () if spec else ():
            root = Path(location)
            for path in [*root.rglob("models.py"), *root.rglob("models/__init__.py")]:
                parts = path.relative_to(root).with_suffix("").parts
                names.append(".".join((room, *(part for part in parts if part != "__init__"))))
    return sorted(names)


@cache
def load() -> tuple[MetaData, MetaData]:
    """The metadata of the control plane and of a tenant, complete."""
    for name in model_modules():
        import_module(name)
    return ControlBase.metadata, TenantBase.metadata
