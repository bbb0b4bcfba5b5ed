"""The engine's GraphQL schema as the installed client knows it, so that the double cannot fall behind the client."""

from __future__ import annotations

import ast
import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphql import build_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLSchema

BUILT_IN = {"str": "String", "int": "Int", "float": "Float", "bool": "Boolean"}
# Where each of the client's calls has the field's name; the second kind gets its object back, as an id.
SELECTS = {"self._select": 0, "self._ctx.execute_sync": 1}
Method = ast.FunctionDef | ast.AsyncFunctionDef


class Field(NamedTuple):
    name: str
    result: str
    arguments: str

    def __str__(self) -> str:
        return f"{self.name}{f'({self.arguments})' if self.arguments else ''}: {self.result}"


@functools.cache
def engine_schema() -> GraphQLSchema:
    """Build and validate the schema; a third of a second the first time, nothing after."""
    package = importlib.util.find_spec("dagger.client")
    folders = package.submodule_search_locations if package else None
    if not folders:
        message = "dagger-io is not installed: the double reads its schema from the client"
        raise ModuleNotFoundError(message)
    return build_schema(sdl((Path(folders[0]) / "gen.py").read_text(encoding="utf-8")))


def sdl(source: str) -> str:
    """Render the classes of the client's generated module SOURCE as SDL."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    bases = {node.name: {ast.unparse(base) for base in node.bases} for node in classes}
    handles = {name for name, kind in bases.items() if kind & {"Type", "Protocol"}} | {"Type", "Self"}
    lines: list[str] = []
    composites: dict[str, list[Field]] = {}
    for node in classes:
        if "Scalar" in bases[node.name]:
            lines.append(f"scalar {node.name}")
        elif "Enum" in bases[node.name]:
            members = [ast.unparse(line.targets[0]) for line in node.body if isinstance(line, ast.Assign)]
            lines.append(f"enum {node.name} {{ {' '.join(members)} }}")
        elif "Input" in bases[node.name]:
            parts = [line for line in node.body if isinstance(line, ast.AnnAssign)]
            given = [f"{ast.unparse(part.target)}: {graphql_type(part.annotation)}" for part in parts]
            lines.append(f"input {node.name} {{ {' '.join(given)} }}")
        elif bases[node.name] & {"Type", "Root"}:
            name = graphql_name(node)
            composites[name] = list(fields_of(node, name, handles))
    interfaces = {name for name in composites if "Protocol" in bases[name]}
    for name, fields in composites.items():
        shapes = {each[:2] for each in fields}
        met = [each for each in sorted(interfaces - {name}) if shapes >= {part[:2] for part in composites[each]}]
        head = f"interface {name}" if name in interfaces else f"type {name}"
        promise = f" implements {' & '.join(met)}" if met and name not in interfaces else ""
        lines.append(f"{head}{promise} {{ {' '.join(map(str, fields))} }}")
    return "\n".join(lines)


def graphql_name(node: ast.ClassDef) -> str:
    """Name the type: an interface's client class says so in a method, every other by its own name."""
    for line in node.body:
        if isinstance(line, ast.FunctionDef) and line.name == "_graphql_name" and isinstance(line.body[0], ast.Return):
            return str(ast.literal_eval(line.body[0].value or ast.Constant(node.name)))
    return node.name


def fields_of(node: ast.ClassDef, owner: str, handles: set[str]) -> Iterator[Field]:
    for method in node.body:
        if isinstance(method, Method) and method.returns is not None:
            calls = [call for call in ast.walk(method) if isinstance(call, ast.Call)]
            arguments = ", ".join(arguments_of(method, calls, handles))
            for call in calls:
                position = SELECTS.get(ast.unparse(call.func))
                if position is not None:
                    name = str(ast.literal_eval(call.args[position]))
                    by_id = name == "id" or position
                    yield Field(name, "ID!" if by_id else graphql_type(method.returns, owner=owner), arguments)


def arguments_of(method: Method, calls: list[ast.Call], handles: set[str]) -> Iterator[str]:
    parameters = {each.arg: each.annotation for each in (*method.args.args, *method.args.kwonlyargs)}
    for call in calls:
        if ast.unparse(call.func) == "Arg":
            used = [part.id for part in ast.walk(call.args[1]) if isinstance(part, ast.Name)]
            annotation = next(parameters[name] for name in used if name in parameters)
            if annotation is not None:
                yield f"{ast.literal_eval(call.args[0])}: {graphql_type(annotation, handles)}"


def graphql_type(annotation: ast.expr, handles: set[str] | None = None, *, owner: str = "") -> str:
    """Translate ANNOTATION; what is in HANDLES travels by its id, and Self is OWNER."""
    if isinstance(annotation, ast.Constant):
        return graphql_type(ast.parse(str(annotation.value), mode="eval").body, handles, owner=owner)
    if isinstance(annotation, ast.BinOp):
        return graphql_type(annotation.left, handles, owner=owner).removesuffix("!")
    if isinstance(annotation, ast.Subscript):
        return f"[{graphql_type(annotation.slice, handles, owner=owner)}]!"
    name = ast.unparse(annotation)
    if name in (handles or ()):
        return "ID!"
    return f"{owner if name == 'Self' else BUILT_IN.get(name, name)}!"
