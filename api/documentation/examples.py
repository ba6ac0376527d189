"""Examples as they were written: FastAPI leaves out every null, and null is something else than missing."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from api.schemas.answers import Answer
from api.schemas.fields import Body

Json = dict[str, Any]


def restore(schemas: Json, package: str) -> None:
    """Put the models' own examples in, by name: of the engine's models and of those in the kind's package.

    Where both have a model of that name, it is the kind's that its routes answer with, whichever was imported first.
    """
    models = [*_below(Answer), *_below(Body)]
    engines, own = ([each for each in models if each.__module__.startswith(f"{of}.")] for of in ("api", package))
    for model in (*engines, *own):
        extra = model.model_config.get("json_schema_extra")
        if isinstance(extra, dict) and "examples" in schemas.get(model.__name__, {}):
            schemas[model.__name__]["examples"] = extra["examples"]


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)
