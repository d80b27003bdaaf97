"""What the audit page calls the acts, objects and fields of this module, a file for each room."""

from __future__ import annotations

from modules.recruiting.titles import core, doors, hires, intake, interviews, openings, pipeline, portal

ROOMS = (core, doors, hires, intake, interviews, openings, pipeline, portal)
