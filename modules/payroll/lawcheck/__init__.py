"""``zhiren law check``: judge examples of the law (官方算例) through the very rules that pay people.

A file is a list of examples ``{id, topic, inputs, expected, …}``. Each is passed, failed, or *not covered*: its topic,
an input or an expected figure is one the rules have no meaning for. What is not covered is named, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from modules.payroll.lawcheck import calendar, identifiers, insurance, tax
from modules.payroll.lawcheck.values import Computed, Inputs, NotCovered, differences, is_note
from modules.payroll.rules.parameters import Law

Judge = Callable[[Law, str, Inputs], Computed]

#: a topic, or with a full stop at the end all topics that begin so
_JUDGES: Final[tuple[tuple[str, Judge], ...]] = (
    ("iit.cumulative", tax.cumulative),
    ("iit.cumulative.", tax.cumulative),
    ("iit.annual_table", tax.annual_table),
    ("si.base_bounds", insurance.base_bounds),
    ("si.", insurance.social_insurance),
    ("hf.", insurance.housing_fund),
    ("calendar.workdays", calendar.workdays),
    ("calendar.day_class", calendar.day_class),
    ("time.monthly_days", calendar.monthly_days),
    ("id_number", identifiers.id_number),
    ("uscc", identifiers.uscc),
    ("mobile", identifiers.mobile),
    ("bank_card_luhn", identifiers.bank_card_luhn),
)


class UnreadableFile(ValueError):
    """The file is not a list of examples; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Example:
    id: str
    topic: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """The verdicts on one topic. ``failures`` and ``missing`` are in the file's order."""

    passed: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)
    #: (id, what is missing) of each example that is not covered
    missing: list[tuple[str, str]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "failed": len(self.failures),
            "not_covered": len(self.missing),
            "failures": self.failures,
        }


def read(path: Path) -> list[Example]:
    """Read a file of examples. Raises UnreadableFile; numbers are kept exact, as decimals."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not UTF-8 (byte {error.start})") from error
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"{path} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise UnreadableFile(f"{path} is not usable JSON: {error}") from error
    if not isinstance(document, list):
        raise UnreadableFile(f"{path} must hold a list of examples, not {type(document).__name__}")
    return [_example(place, item) for place, item in enumerate(document, 1)]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _example(place: int, item: Any) -> Example:
    if not isinstance(item, dict):
        raise UnreadableFile(f"example {place} is not an object")
    example_id = item.get("id")
    where = f"example {place}" + (f" ({example_id})" if isinstance(example_id, str) else "")
    for name, kind in (("id", str), ("topic", str), ("inputs", dict), ("expected", dict)):
        if not isinstance(item.get(name), kind):
            raise UnreadableFile(f"{where}: {name} is missing or not {'an object' if kind is dict else 'text'}")
    return Example(item["id"], item["topic"], item["inputs"], item["expected"])


def check(law: Law, examples: Sequence[Example]) -> dict[str, Tally]:
    """Judge every example; topics in the order they first appear."""
    tallies: dict[str, Tally] = {}
    for example in examples:
        tally = tallies.setdefault(example.topic, Tally())
        try:
            wrong = judge(law, example)
        except NotCovered as missing:
            tally.missing.append((example.id, str(missing)))
            continue
        if wrong:
            tally.failures.append({"id": example.id, "differences": wrong})
        else:
            tally.passed += 1
    return tallies


def judge(law: Law, example: Example) -> list[dict[str, Any]]:
    """The expected figures that differ (none: passed). Raises NotCovered with what is missing."""
    rule = next((rule for name, rule in _JUDGES if _covers(name, example.topic)), None)
    if rule is None:
        raise NotCovered(f"topic {example.topic}")
    expected = {key: value for key, value in example.expected.items() if not is_note(key)}
    if not expected:
        raise NotCovered("expected: nothing to compare")
    inputs = Inputs(example.inputs)
    computed = rule(law, example.topic, inputs)
    inputs.close()
    return differences(expected, computed)


def _covers(name: str, topic: str) -> bool:
    return topic.startswith(name) if name.endswith(".") else topic == name
