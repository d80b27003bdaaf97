"""Queries, transactions and columns: where they are written and how they are named."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import Source, called, imported_from, sources

QUERIES = frozenset({"select", "insert", "update", "delete", "text"})
#: Files that write queries without being a repository, and why.
QUERIES_ALLOWED = {
    "platform/zhiren/db/": "the engine itself",
    "platform/zhiren/crypto/keyring.py": "one query, of the wrapped data keys, part of opening a transaction",
    "platform/zhiren/crypto/provision.py": "the owner's statements that store data keys",
    "platform/zhiren/audit/sequencer.py": "a log-in of its own and statements of its own",
    "platform/zhiren/audit/verify.py": "reads the chain the way an auditor would",
    "platform/zhiren/web/": "tables, views and idempotency build on whatever query they are given",
    "tenants/": "the control plane: its own repository, migrations and the owner's DDL",
    "ops/": "operates the database from outside",
}


def is_repository(path: str) -> bool:
    return path.endswith(("/repository.py", "/queries.py")) or "/repository/" in path


def test_queries_are_written_in_repositories() -> None:
    found = []
    for source in sources():
        if is_repository(source.path) or source.path.startswith(tuple(QUERIES_ALLOWED)):
            continue
        names = {local for local, name in imported_from(source, "sqlalchemy").items() if name in QUERIES}
        if source.path.endswith(("/models.py", "schemas.py")) or "/models/" in source.path:
            names -= {"text"}  # server defaults and index expressions
        found += [
            source.at(node)
            for node in source.walk(ast.Call)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        ]
    assert found == []


def test_the_allow_list_is_no_longer_than_needed() -> None:
    paths = [source.path for source in sources()]
    assert [entry for entry in QUERIES_ALLOWED if not any(path.startswith(entry) for path in paths)] == []


def test_commit_is_written_once() -> None:
    """In ``zhiren.db``; the owner's door (migrations, provisioning) and the sequencer's are not the application's."""
    allowed = {"platform/zhiren/db/database.py"}
    doors = ("tenants/owner.py", "tenants/migrations/", "platform/zhiren/audit/sequencer.py", "ops/")
    found = [
        (source.path, source.at(node))
        for source in sources()
        for node in source.walk(ast.Call)
        if isinstance(node, ast.Call) and called(node) == "commit" and not source.path.startswith(doors)
    ]
    assert {path for path, _ in found} == allowed, found
    assert len(found) == 1, found


def test_sql_text_is_literal() -> None:
    """No statement is put together from values: what ``text()`` gets is written there."""
    found = []
    for source in sources():
        names = {local for local, name in imported_from(source, "sqlalchemy").items() if name == "text"}
        for node in source.walk(ast.Call):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                argument = node.args[0] if node.args else None
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    found.append(source.at(node))
    assert [place for place in found if not place.startswith(DDL)] == []


#: statements made of names that are checked first (zhiren.db.names), or of rendered DDL
DDL = ("tenants/", "platform/zhiren/db/")


def test_relationships_never_load_by_themselves() -> None:
    found = [
        source.at(node)
        for source in sources()
        for node in source.walk(ast.Call)
        if isinstance(node, ast.Call)
        and called(node) == "relationship"
        and not any(
            keyword.arg == "lazy" and isinstance(keyword.value, ast.Constant) and keyword.value.value == "raise"
            for keyword in node.keywords
        )
    ]
    assert found == []


def _assigned(source: Source) -> list[tuple[str, ast.expr, ast.AST]]:
    return [
        (node.target.id, node.value, node)
        for node in source.walk(ast.AnnAssign)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    ]


def test_sealed_columns_say_so() -> None:
    ending = {"sealed_column": "_ct", "blind_column": "_bidx"}
    found = [
        (source.at(node), name)
        for source in sources()
        for name, value, node in _assigned(source)
        if isinstance(value, ast.Call) and called(value) in ending and not name.endswith(ending[called(value)])
    ]
    assert found == []


#: an amount of money, whatever it is for
MONEY = re.compile(r"(?:^|_)(amount|salary|wage|wages|price|fee|bonus|net_pay|gross_pay|tax_due)$")


def test_money_is_named_in_fen() -> None:
    """Fields of structs and models that hold money are integers, and end in ``_fen``."""
    found = []
    for source in sources():
        for owner in source.walk(ast.ClassDef):
            assert isinstance(owner, ast.ClassDef)
            for node in owner.body:
                if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                    continue
                kind = ast.unparse(node.annotation)
                if MONEY.search(node.target.id) and re.search(r"\b(int|float|Decimal)\b", kind):
                    found.append((source.at(node), node.target.id))
                if node.target.id.endswith("_fen") and re.search(r"\b(float|Decimal)\b", kind):
                    found.append((source.at(node), node.target.id))
    assert found == []
