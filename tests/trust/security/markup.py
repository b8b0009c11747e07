"""Finds text from data in what the app hands to a function that reads markdown.

An expression is safe when it is put together from literals, numbers, names in capitals, calls of
functions that make text safe, and of functions of the app all of whose results are safe. A
parameter is safe inside its function when its name says so (`markdown`), or its type is no text;
callers are held to it. What cannot be followed is not safe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

READS_MARKDOWN: Final = frozenset(
    [
        "markdown",
        "metric",
        "title",
        "subheader",
        "header",
        "caption",
        "info",
        "warning",
        "error",
        "success",
        "button",
        "download_button",
        "selectbox",
        "segmented_control",
        "expander",
        "toast",
    ]
)
"""Functions of Streamlit whose first argument, or label, is read as markdown."""

MAKES_SAFE: Final = frozenset(
    [
        "plain",
        "count_of",
        "quantity",
        "day",
        "with_unit",
        "percent",
        "points",
        "len",
        "int",
        "float",
        "round",
        "abs",
        "sum",
        "min",
        "max",
        "strftime",
        "isoformat",
    ]
)
REVIEWED: Final = frozenset(
    [
        "headline",
        "basis",
        "status",
        "alarm_in_words",
        "companions_in_words",
        "why_not_measured",
        "marked",
        "context_in_words",
    ]
)
"""Functions that put sentences together in ways not followed here, read by people instead."""
SAFE_TYPES: Final = frozenset({"int", "float", "bool", "dt.date", "dt.datetime", "Period", "date"})
SAFE_PARAMETERS: Final = frozenset(
    ["markdown", "title", "label", "page_title", "sentence", "empty"]
)
"""Parameters for words of the app; whoever calls is held to it."""


@dataclass(frozen=True)
class Finding:
    """A call that may show text from data as markdown."""

    file: str
    line: int
    source: str


@dataclass
class Scope:
    """What is known of the names of one function."""

    assigned: dict[str, list[ast.expr]] = field(default_factory=dict)
    safe: set[str] = field(default_factory=set)


def findings(files: Iterable[tuple[str, str]]) -> list[Finding]:
    """Return what is not safe in modules, given as names and sources."""
    trees = {name: ast.parse(source) for name, source in files}
    makes_safe = set(MAKES_SAFE | REVIEWED)
    while True:  # until no further function turns out to be safe
        more = {
            function.name
            for tree in trees.values()
            for function in functions(tree)
            if function.name not in makes_safe and returns_safe(function, makes_safe)
        }
        if not more:
            break
        makes_safe |= more
    takes = {
        function.name: places(function) for tree in trees.values() for function in functions(tree)
    }
    return [
        Finding(name, call.lineno, ast.unparse(argument))
        for name, tree in trees.items()
        for function in functions(tree)
        for call, argument in shown(function, takes)
        if not is_safe(argument, scope_of(function), makes_safe)
    ]


def places(function: ast.FunctionDef) -> dict[str, slice]:
    """Return where a call has what is read as markdown, by parameter."""
    names = [argument.arg for argument in function.args.args]
    if names[:1] == ["self"]:
        del names[0]
    found = {
        name: slice(place, place + 1) for place, name in enumerate(names) if name in SAFE_PARAMETERS
    }
    several = function.args.vararg
    if several is not None and several.arg in SAFE_PARAMETERS:
        found[several.arg] = slice(len(names), None)
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def shown(
    function: ast.FunctionDef, takes: Mapping[str, Mapping[str, slice]]
) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Yield the calls of a function that show markdown, each with what is read so."""
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        command, arguments = call.func, call.args
        if isinstance(command, ast.Attribute) and command.attr == "put":  # of a sheet, for later
            command, arguments = call.args[0], call.args[1:]
        if isinstance(command, ast.Attribute) and command.attr in READS_MARKDOWN:
            yield from ((call, argument) for argument in arguments[:1])
            for keyword in call.keywords:
                if keyword.arg in ("label", "body", "help"):
                    yield call, keyword.value
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        name = call.func.id if isinstance(call.func, ast.Name) else name
        for parameter, place in takes.get(name, {}).items():
            yield from ((call, argument) for argument in call.args[place])
            yield from ((call, k.value) for k in call.keywords if k.arg == parameter)


def scope_of(function: ast.FunctionDef) -> Scope:
    scope = Scope()
    several = [function.args.vararg] if function.args.vararg is not None else []
    arguments = [*function.args.args, *function.args.kwonlyargs, *several]
    for argument in arguments:
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        if argument.arg in SAFE_PARAMETERS or set(kind.split(" | ")) - {"None"} <= SAFE_TYPES:
            scope.safe.add(argument.arg)
        else:
            scope.assigned.setdefault(argument.arg, []).append(ast.Name("?", ast.Load()))
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    scope.assigned.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    scope.assigned.setdefault(target.value.id, []).append(node.value)
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
            scope.assigned.setdefault(node.target.id, []).append(node.iter)
        elif isinstance(node, ast.NamedExpr):
            scope.assigned.setdefault(node.target.id, []).append(node.value)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.attr in ("append", "insert")
        ):
            scope.assigned.setdefault(node.func.value.id, []).append(node.args[-1])
    return scope


def returns_safe(function: ast.FunctionDef, makes_safe: set[str]) -> bool:
    returned = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
    scope = scope_of(function)
    return bool(returned) and all(is_safe(value, scope, makes_safe) for value in returned)


def is_safe(
    node: ast.expr, scope: Scope, makes_safe: set[str], seen: frozenset[str] = frozenset()
) -> bool:
    """Tell whether an expression can only be words of the app, numbers, and text made safe."""

    def each(*nodes: ast.expr) -> bool:
        return all(is_safe(one, scope, makes_safe, seen) for one in nodes)

    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            if name.isupper() or name in scope.safe or name in seen:
                return True
            values = scope.assigned.get(name)
            return values is not None and all(
                is_safe(value, scope, makes_safe, seen | {name}) for value in values
            )
        case ast.Attribute(attr=name):
            return name.isupper() or ast.unparse(node).endswith("period.name")
        case ast.JoinedStr(values=values):
            return each(*values)
        case ast.FormattedValue(value=value, format_spec=spec):
            return spec is not None or each(value)  # a number or a date: text takes no such format
        case ast.BinOp(left=left, right=right):
            return each(left, right)
        case ast.BoolOp(values=values):
            return each(*values)
        case ast.IfExp(body=body, orelse=other):
            return each(body, other)
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Subscript(value=value):
            return each(value)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return each(*elements)
        case ast.Dict(values=values):
            return each(*values)
        case ast.Starred(value=value):
            return each(value)
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
            return each(element)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return name in makes_safe or (name in ("sorted", "str", "listed") and each(*arguments))
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=arguments):
            if name in makes_safe:
                return True
            return name in PASSES_ON and each(value, *arguments)
        case _:
            return False


PASSES_ON: Final = frozenset(
    [
        "join",
        "strip",
        "rstrip",
        "lstrip",
        "removesuffix",
        "removeprefix",
        "lower",
        "upper",
        "capitalize",
        "replace",
        "get",
        "format",
        "title",
    ]
)


def read(folder: Path) -> list[tuple[str, str]]:
    """Return the modules of a folder by their path."""
    return [
        (file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8"))
        for file in sorted(folder.rglob("*.py"))
    ]
