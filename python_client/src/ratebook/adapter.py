"""Rows of the API as answers, by Pydantic."""

from functools import cached_property
from typing import Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


class Adapter(Generic[T]):
    """A TypeAdapter that is made when it is first used: making all of them takes longer than most calls."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind

    @cached_property
    def _made(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)

    def validate_python(self, value: object) -> T:
        """The answer that a value is. Raises pydantic.ValidationError where it is none."""
        return self._made.validate_python(value)
