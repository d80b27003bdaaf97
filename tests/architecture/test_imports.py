"""Who may know whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, modules_imported, sources


def test_floors() -> None:
    """The contracts of import-linter, as written in pyproject.toml."""
    script = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(script), "--no-cache"],
        cwd=ROOT,
        env={"PATH": str(script.parent), "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_demonstration_knows_the_key_that_everybody_knows() -> None:
    found = {
        source.path
        for source in sources()
        for _node, name in modules_imported(source)
        if name.startswith("licensing.development")
    }
    assert {path for path in found if not path.startswith("ops/demo/")} == set()


def test_only_compositions_look_into_modules() -> None:
    """Floors below know no module by name; ``ops`` knows descriptors and APIs, not tables."""
    allowed = ("modules/", "ops/demo/", "ops/bench", "ops/commands/")
    inside = (".models", ".repository", ".service", ".routes", ".pages")
    found = [
        source.at(node)
        for source in sources()
        if not source.path.startswith(allowed)
        for node, name in modules_imported(source)
        if name.startswith("modules.") and any(part in name for part in inside)
    ]
    assert found == []
