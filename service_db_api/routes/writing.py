"""What routes that write have in common."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from service_db_api.errors import InvalidInput
from service_kit.problem import Problem

M = TypeVar("M", bound=BaseModel)


class BadRequest(Problem):
    """What the framework answers to a body that cannot be read at all."""

    status = 400
    code = "bad_request"
    detail = "The request's body cannot be read."


def valid(model: type[M], values: dict[str, Any]) -> M:
    """Return MODEL made of VALUES, or raise InvalidInput that says where they disagree."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(
            errors=[{"loc": ["body", *each["loc"]], "type": each["type"]} for each in error.errors()]
        ) from None
