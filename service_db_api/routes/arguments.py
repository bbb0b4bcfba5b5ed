"""
What a handler is called with, out of a request's path and query.

The framework does the same from the same signature, with more to consider and
at ten times the cost, which is most of what reading one record costs beside
the database. It still reads bodies, and it writes OpenAPI for all.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

# A query is read no further than any that could be right.
MOST_FIELDS = 50


class Arguments:
    """
    The arguments of HANDLER, which takes a request, values of the path, and at most one model of the query.

    A query that is not declared, or that names a parameter twice, is refused.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._path: list[tuple[str, TypeAdapter[Any]]] = []
        self._query: tuple[str, type[BaseModel]] | None = None
        self._defaults: dict[str, Any] = {}
        hints = typing.get_type_hints(handler, include_extras=True)
        for name, hint in hints.items():
            if name == "return" or hint is Request:
                continue
            kind, *notes = typing.get_args(hint) or (hint,)
            if any(isinstance(each, Query) for each in notes):
                self._query = (name, kind)
                # Nobody changes what it says, so one does for all requests without a query.
                self._defaults = {name: kind()}
            else:
                self._path.append((name, TypeAdapter(hint)))

    def read(self, scope: Scope) -> dict[str, Any]:
        """Return what SCOPE says, by name; raise RequestValidationError where it does not fit."""
        found = dict(self._defaults)
        wrong: list[dict[str, Any]] = []
        for name, adapter in self._path:
            try:
                found[name] = adapter.validate_python(scope["path_params"][name])
            except ValidationError as error:
                wrong += _told(("path", name), error)
        if scope["query_string"]:
            wrong += self._take(scope["query_string"], found)
        if wrong:
            raise RequestValidationError(wrong)
        return found

    def _take(self, text: bytes, found: dict[str, Any]) -> list[dict[str, Any]]:
        """Put the query that TEXT is into FOUND, or return what is wrong with it."""
        try:
            pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return [{"loc": ("query",), "type": "too_long"}]
        values = dict(pairs)
        if len(values) < len(pairs):
            return [{"loc": ("query",), "type": "repeated"}]
        if self._query is None:
            return [{"loc": ("query",), "type": "not_expected"}] if values else []
        name, model = self._query
        try:
            found[name] = model.model_validate(values)
        except ValidationError as error:
            return _told(("query",), error)
        return []


def _told(place: tuple[str, ...], error: ValidationError) -> list[dict[str, Any]]:
    told = error.errors(include_url=False, include_context=False, include_input=False)
    return [{"loc": (*place, *each["loc"]), "type": each["type"]} for each in told]
