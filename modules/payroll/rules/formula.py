"""Formulas of pay items, written by the customer: a small language of its own, checked before it is saved.

Numbers (``12``, ``0.5``, ``8%``), names of items and variables in Chinese or ASCII, ``+ - * /``, comparisons, and
``IF MIN MAX ROUND ABS AND OR NOT``. Full-width signs, ``×`` and ``÷`` are taken as people type them. Nothing else
exists: no attribute, no call, no loop, so there is nothing to escape into. Arithmetic is decimal; a formula's result is
rounded to the fen by whoever pays it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Final, Literal, NamedTuple

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 24
MAX_NODES: Final = 200
#: a thousand million yuan; a formula that goes beyond is wrong somewhere
LIMIT: Final = Decimal(10) ** 9

#: places of ROUND → what it rounds to
_ROUNDING_UNITS: Final = {Decimal(places): Decimal(1).scaleb(-places) for places in range(-6, 7)}

Environment = Mapping[str, Decimal]
Kind = Literal["number", "truth"]

_FULL_WIDTH: Final = str.maketrans(
    "\uff08\uff09\uff0c\uff0b\uff0d\uff0a\uff0f\uff1d\uff1c\uff1e\uff05\u00d7\u00f7\u2212\u2264\u2265\u2260\u3000",
    "(),+-*/=<>%*/-\u2264\u2265\u2260 ",
)
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?P<name>[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*)"
    r"|(?P<sign><=|>=|<>|!=|==|[-+*/()<>=,%\u2264\u2265\u2260]))"
)
_COMPARE: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": Decimal.__lt__,
    "<=": Decimal.__le__,
    ">": Decimal.__gt__,
    ">=": Decimal.__ge__,
    "=": Decimal.__eq__,
    "<>": Decimal.__ne__,
}
_SAME_SIGN: Final = {"==": "=", "!=": "<>", "\u2264": "<=", "\u2265": ">=", "\u2260": "<>"}
_FUNCTIONS: Final = {
    "IF": "IF",
    "如果": "IF",
    "MIN": "MIN",
    "最小": "MIN",
    "MAX": "MAX",
    "最大": "MAX",
    "ROUND": "ROUND",
    "四舍五入": "ROUND",
    "ABS": "ABS",
    "AND": "AND",
    "且": "AND",
    "OR": "OR",
    "或": "OR",
    "NOT": "NOT",
    "非": "NOT",
}

Fault = Literal[
    "empty",
    "too_long",
    "too_deep",
    "character",
    "unexpected",
    "unfinished",
    "arguments",
    "needs_number",
    "needs_condition",
    "unknown_name",
    "cycle",
    "division_by_zero",
    "too_large",
    "rounding_places",
]


class FormulaError(ValueError):
    """What is wrong with a formula: ``fault`` for programs, ``position`` (from 0) and ``detail`` (the word or name)."""

    def __init__(self, fault: Fault, position: int = 0, detail: str = "") -> None:
        super().__init__(f"{fault} at {position}: {detail}")
        self.fault: Fault = fault
        self.position = position
        self.detail = detail


class _Token(NamedTuple):
    #: number, name, sign or end
    kind: str
    text: str
    position: int


class _Node(NamedTuple):
    kind: Kind
    run: Callable[[Environment], Decimal]
    test: Callable[[Environment], bool]
    position: int


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood. ``names`` are the items and variables it reads."""

    text: str
    names: frozenset[str]
    _run: Callable[[Environment], Decimal]

    def renamed(self, names: Mapping[str, str]) -> Formula:
        """The same formula with its names replaced in ``names``; values must then be given under both."""
        return Formula(self.text, frozenset(names.get(name, name) for name in self.names), self._run)

    def evaluate(self, values: Environment) -> Decimal:
        """Its value in yuan. Raises FormulaError (``division_by_zero``, ``too_large``, ``rounding_places``), and
        KeyError for a name without a value."""
        try:
            value = self._run(values)
        except DecimalException as error:
            raise FormulaError("too_large") from error
        if not -LIMIT <= value <= LIMIT:
            raise FormulaError("too_large")
        return value


def parse(text: str) -> Formula:
    """Understand a formula. Raises FormulaError at the first thing that is wrong."""
    if not text.strip():
        raise FormulaError("empty")
    if len(text) > MAX_LENGTH:
        raise FormulaError("too_long", MAX_LENGTH)
    parser = _Parser(_tokens(text))
    node = parser.whole()
    return Formula(text.strip(), frozenset(parser.names), node.run)


def _tokens(text: str) -> list[_Token]:
    plain = text.translate(_FULL_WIDTH)
    found: list[_Token] = []
    place = 0
    while plain[place:].strip():
        match = _TOKEN.match(plain, place)
        if match is None:
            start = place + len(plain[place:]) - len(plain[place:].lstrip())
            raise FormulaError("character", start, text[start])
        kind = match.lastgroup
        assert kind is not None
        found.append(_Token(kind, match[kind], match.start(kind)))
        place = match.end()
    found.append(_Token("end", "", len(text)))
    return found


class _Parser:
    """Recursive descent: comparison < sum < product < sign < percent < atom."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._nodes = 0
        self.names: set[str] = set()

    def whole(self) -> _Node:
        node = self._comparison()
        if self._peek().kind != "end":
            raise self._unexpected()
        return self._number(node)

    # ---- tokens

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _sign(self, *signs: str) -> _Token | None:
        token = self._peek()
        return self._next() if token.kind == "sign" and token.text in signs else None

    def _need(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected()

    def _unexpected(self) -> FormulaError:
        token = self._peek()
        if token.kind == "end":
            return FormulaError("unfinished", token.position)
        return FormulaError("unexpected", token.position, token.text)

    def _node(
        self,
        position: int,
        run: Callable[[Environment], Decimal] | None = None,
        test: Callable[[Environment], bool] | None = None,
    ) -> _Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise FormulaError("too_deep", position)
        return _Node("number" if run else "truth", run or _no_number, test or _no_truth, position)

    @staticmethod
    def _number(node: _Node) -> _Node:
        if node.kind != "number":
            raise FormulaError("needs_number", node.position)
        return node

    @staticmethod
    def _truth(node: _Node) -> _Node:
        if node.kind != "truth":
            raise FormulaError("needs_condition", node.position)
        return node

    # ---- grammar

    def _comparison(self) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError("too_deep", self._peek().position)
        node = self._sum()
        if sign := self._sign(*_COMPARE, *_SAME_SIGN):
            left, right = self._number(node).run, self._number(self._sum()).run
            compare = _COMPARE[_SAME_SIGN.get(sign.text, sign.text)]
            node = self._node(node.position, test=lambda env: compare(left(env), right(env)))
        self._depth -= 1
        return node

    def _sum(self) -> _Node:
        node = self._product()
        while sign := self._sign("+", "-"):
            left, right = self._number(node).run, self._number(self._product()).run
            node = self._node(sign.position, _plus(left, right) if sign.text == "+" else _minus(left, right))
        return node

    def _product(self) -> _Node:
        node = self._signed()
        while sign := self._sign("*", "/"):
            left, right = self._number(node).run, self._number(self._signed()).run
            run = _times(left, right) if sign.text == "*" else _over(left, right, sign.position)
            node = self._node(sign.position, run)
        return node

    def _signed(self) -> _Node:
        negative = False
        position = self._peek().position
        while sign := self._sign("+", "-"):
            negative ^= sign.text == "-"
        node = self._percent()
        if not negative:
            return node
        run = self._number(node).run
        return self._node(position, lambda env: -run(env))

    def _percent(self) -> _Node:
        node = self._atom()
        while sign := self._sign("%"):
            run = self._number(node).run
            node = self._node(sign.position, _times(run, lambda _env: Decimal("0.01")))
        return node

    def _atom(self) -> _Node:
        token = self._peek()
        if token.kind == "number":
            self._next()
            value = Decimal(token.text)
            return self._node(token.position, lambda _env: value)
        if token.kind == "name":
            self._next()
            if self._sign("("):
                return self._call(token)
            self.names.add(token.text)
            name = token.text
            return self._node(token.position, lambda env: env[name])
        if self._sign("("):
            node = self._comparison()
            self._need(")")
            return node
        raise self._unexpected()

    def _call(self, name: _Token) -> _Node:
        function = _FUNCTIONS.get(name.text.upper())
        if function is None:
            raise FormulaError("unknown_name", name.position, name.text)
        arguments: list[_Node] = []
        if not self._sign(")"):
            arguments.append(self._comparison())
            while self._sign(","):
                arguments.append(self._comparison())
            self._need(")")
        return self._function(function, arguments, name)

    def _function(self, function: str, arguments: list[_Node], name: _Token) -> _Node:
        wanted = {"IF": (3, 3), "ROUND": (1, 2), "ABS": (1, 1), "NOT": (1, 1)}.get(function, (2, 20))
        if not wanted[0] <= len(arguments) <= wanted[1]:
            raise FormulaError("arguments", name.position, name.text)
        if function == "IF":
            condition = self._truth(arguments[0]).test
            then, otherwise = (self._number(argument).run for argument in arguments[1:])
            return self._node(name.position, lambda env: then(env) if condition(env) else otherwise(env))
        if function in ("AND", "OR", "NOT"):
            tests = [self._truth(argument).test for argument in arguments]
            return self._node(name.position, test=_logic(function, tests))
        runs = [self._number(argument).run for argument in arguments]
        if function == "ROUND":
            return self._node(name.position, _round(runs, name.position))
        if function == "ABS":
            only = runs[0]
            return self._node(name.position, lambda env: abs(only(env)))
        pick = min if function == "MIN" else max
        return self._node(name.position, lambda env: pick(run(env) for run in runs))


_Run = Callable[[Environment], Decimal]


def _no_number(_env: Environment) -> Decimal:
    raise AssertionError("a condition has no amount")


def _no_truth(_env: Environment) -> bool:
    raise AssertionError("an amount is no condition")


def _plus(left: _Run, right: _Run) -> _Run:
    return lambda env: left(env) + right(env)


def _minus(left: _Run, right: _Run) -> _Run:
    return lambda env: left(env) - right(env)


def _times(left: _Run, right: _Run) -> _Run:
    return lambda env: left(env) * right(env)


def _over(left: _Run, right: _Run, position: int) -> _Run:
    def run(env: Environment) -> Decimal:
        divisor = right(env)
        if not divisor:
            raise FormulaError("division_by_zero", position)
        return left(env) / divisor

    return run


def _round(runs: list[_Run], position: int) -> _Run:
    value = runs[0]
    if len(runs) == 1:
        return lambda env: value(env).quantize(Decimal(1), ROUND_HALF_UP)
    places = runs[1]

    def run(env: Environment) -> Decimal:
        unit = _ROUNDING_UNITS.get(places(env))
        if unit is None:
            raise FormulaError("rounding_places", position)
        return value(env).quantize(unit, ROUND_HALF_UP)

    return run


def _logic(function: str, tests: list[Callable[[Environment], bool]]) -> Callable[[Environment], bool]:
    if function == "NOT":
        only = tests[0]
        return lambda env: not only(env)
    gather = all if function == "AND" else any
    return lambda env: gather(test(env) for test in tests)


def evaluation_order(formulas: Mapping[str, Formula], known: Iterable[str]) -> list[str]:
    """The order in which items can be computed. ``known`` are the names that have a value beforehand.

    Raises FormulaError: ``unknown_name`` with the item and the name, ``cycle`` with the way round (``a → b → a``).
    """
    known = frozenset(known)
    for item, formula in formulas.items():
        for name in sorted(formula.names):
            if name not in formulas and name not in known:
                raise FormulaError("unknown_name", formula.text.find(name), f"{item}: {name}")
    ordered: list[str] = []
    done: set[str] = set()
    trail: list[str] = []

    def visit(item: str) -> None:
        if item in done:
            return
        if item in trail:
            raise FormulaError("cycle", 0, " → ".join([*trail[trail.index(item) :], item]))
        trail.append(item)
        for name in sorted(formulas[item].names & formulas.keys()):
            visit(name)
        trail.pop()
        done.add(item)
        ordered.append(item)

    for item in formulas:
        visit(item)
    return ordered
