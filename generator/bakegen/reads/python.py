"""What Python reads: `os.environ`, `os.getenv`, and the fields of classes of settings."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bakegen.reads.read import Kind, Read

MARKS = ("environ", "getenv", "BaseSettings", "from_environment")
NAME = re.compile(r"[A-Z][A-Z0-9_]*")
# What may give a class of settings values beside the variables of the same names.
ELSEWHERE = frozenset({"cli_parse_args", "env_nested_delimiter", "secrets_dir", "settings_customise_sources"})
# What a method of `os.environ` does with a name and nothing else.
ALONE: Mapping[str, Kind] = {"get": "plain", "pop": "needed", "setdefault": "fallback"}
Classes = dict[str, dict[str, ast.expr | None]]
MISSING = frozenset({"KeyError", "LookupError", "Exception"})


def reads(text: str) -> set[Read]:
    """The variables that a file reads; none of a file that is no Python."""
    if not any(mark in text for mark in MARKS):
        return set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarning
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: too deep
        return set()
    settings: Classes = {"BaseSettings": {}}
    found = {read for node in ast.walk(tree) for read in _reads(node, settings) if NAME.fullmatch(read.name)}
    asked = {read.name for read in found if read.kind == "plain"}  # if environ.get("A"): environ["A"]
    return {replace(read, kind="plain") if read.kind == "needed" and read.name in asked else read for read in found}


def _reads(node: ast.AST, settings: Classes) -> Iterator[Read]:
    if read := _read(node):
        yield read
    match node:
        case ast.BoolOp(op=ast.Or(), values=[*values, _]):
            yield from _safe(values, ("plain",))
        case ast.Try(body=body, handlers=handlers) if any(_catches(handler) for handler in handlers):
            yield from _safe(body, ("plain", "needed"))
        case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In() | ast.NotIn()], comparators=[value]) if (
            _environ(value)
        ):
            yield Read(name=name, line=node.lineno, kind="fallback")
        case ast.With(items=items, body=body) if any(_suppresses(item.context_expr) for item in items):
            yield from _safe(body, ("needed",))
        case ast.ClassDef(name=name, bases=bases, body=body):
            inherited = [settings[_last(base)] for base in bases if _last(base) in settings]
            ours = any(isinstance(each, ast.FunctionDef) and each.name == "from_environment" for each in body)
            if inherited or ours:
                settings[name] = {key: value for each in (*inherited, _said(node)) for key, value in each.items()}
                yield from _fields(node, settings[name])


def _read(node: ast.AST) -> Read | None:
    """What an expression reads, without what stands around it."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name)), ctx=ctx) if _environ(value):
            return Read(name=name, line=node.lineno, kind="needed" if isinstance(ctx, ast.Load) else "fallback")
        case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop" | "setdefault" as attr)) if _environ(value):
            alone = ALONE[attr]
        case ast.Call(func=ast.Name(id="getenv") | ast.Attribute(value=ast.Name(id="os"), attr="getenv")):
            alone = ALONE["get"]
        case _:
            return None
    match node.args, node.keywords:
        case [ast.Constant(value=str(name)), *more], keywords:
            return Read(name=name, line=node.lineno, kind="fallback" if more or keywords else alone)
    return None


def _safe(nodes: list[ast.expr] | list[ast.stmt], kinds: tuple[Kind, ...]) -> Iterator[Read]:
    """What these read of such kinds, where something else is taken instead."""
    for each in nodes:
        for node in ast.walk(each):
            read = _read(node)
            if read and read.kind in kinds:
                yield Read(name=read.name, line=read.line, kind="fallback")


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether a variable that is missing ends here."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or _last(each) in MISSING for each in types)


def _suppresses(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and any(_last(each) in MISSING for each in node.args)


def _environ(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="environ") | ast.Attribute(value=ast.Name(id="os"), attr="environ"):
            return True
    return False


def _last(node: ast.expr) -> str:
    """A name, without what it is an attribute of."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _said(node: ast.ClassDef) -> dict[str, ast.expr | None]:
    """What a class says by a name: arguments of calls, entries of a dict, variables of a class in it, and methods."""
    found: dict[str, ast.expr | None] = {}
    for each in ast.walk(node):
        match each:
            case ast.keyword(arg=str(name), value=value) | ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.Dict(keys=keys, values=values):
                found |= {
                    str(key.value): value
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant)
                }
            case ast.FunctionDef(name=name):
                found[name] = None
    return found


def _fields(node: ast.ClassDef, said: Mapping[str, ast.expr | None]) -> Iterator[Read]:
    """Every field is a variable, needed where it has no default. None where the names cannot be told.

    What begins with `_` is no field of pydantic's: https://docs.pydantic.dev/latest/concepts/models/#private-model-attributes
    """
    prefix = said.get("env_prefix", ast.Constant(value=""))
    if not isinstance(prefix, ast.Constant) or not isinstance(prefix.value, str):
        return
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or "ClassVar" in ast.unparse(field.annotation):
            continue
        own = ast.unparse(field.target)
        if own.startswith("_"):
            continue
        aliases, filled = _field(field)
        variables = aliases or [prefix.value + own]
        kind: Kind = "fallback" if filled or len(variables) > 1 else "plain" if said.keys() & ELSEWHERE else "needed"
        for name in variables:
            yield Read(name=name.upper(), line=field.lineno, kind=kind)


def _field(field: ast.AnnAssign) -> tuple[list[str], bool]:
    """The variables that a field names itself, and whether it has a default."""
    calls = [each for each in ast.walk(field) if isinstance(each, ast.Call) and _last(each.func) in {"Field", "field"}]
    given = {each.arg: each.value for call in calls for each in call.keywords}
    alias = given.get("validation_alias", given.get("alias"))
    aliases = [each.value for each in ast.walk(alias) if isinstance(each, ast.Constant)] if alias else []
    values = field.value.args[:1] if field.value in calls else [field.value]
    filled = any(each is not None and ast.unparse(each) != "..." for each in values)
    return [each for each in aliases if isinstance(each, str)], filled or bool(
        given.keys() & {"default", "default_factory"}
    )
