"""Which texts of a package the reader of English would still meet in Chinese."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.extract import extract_from_dir

from zhiren.i18n import read_catalogue

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "gettext": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**/templates/**.html": {"silent": "false", "encoding": "utf-8", "trimmed": "false"}}


def source_texts(package: str) -> dict[str, str]:
    """Every text marked in ``package`` (Python and templates) -> where it stands first."""
    root = Path(str(files(package)))
    found: dict[str, str] = {}
    for name, line, message, _comments, _context in extract_from_dir(
        root, METHODS, OPTIONS, KEYWORDS, directory_filter=_ours
    ):
        text = message[0] if isinstance(message, tuple) else message
        if text:
            found.setdefault(text, f"{name}:{line}")
    for path in root.rglob("*.py"):
        for line, text in _within_others(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, f"{path.relative_to(root)}:{line}")
    return found


def _within_others(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts asked for inside of an f-string, which is one token before Python 3.12: Babel does not see them there."""
    for joined in ast.walk(tree):
        for call in ast.walk(joined) if isinstance(joined, ast.JoinedStr) else ():
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id in KEYWORDS
                and call.args
            ):
                first = call.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield call.lineno, first.value


def _ours(folder: str) -> bool:
    return Path(folder).name not in {"node_modules", "__pycache__", "dist", "static"}


def untranslated(package: str, *, also: tuple[str, ...] = ("zhiren",)) -> list[str]:
    """``file:line text`` of each text without English, in the package's own catalogue or in those of ``also``."""
    known: set[str] = set()
    for name in (package, *also):
        catalogue = read_catalogue(name, "en")
        known |= catalogue.texts.keys() | catalogue.plurals.keys()
    return [f"{place} {text}" for text, place in source_texts(package).items() if text not in known]
