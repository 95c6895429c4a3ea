"""One limit as it stands in the policy file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema  # noqa: TC002 - pydantic reads the annotation
from pydantic_core import PydanticCustomError

from livyguard.policy.keys import kind_of, limited_property
from livyguard.policy.properties import VIRTUAL
from livyguard.policy.redact import redact, redact_value
from livyguard.policy.units import Unreadable, shown

if TYPE_CHECKING:
    from livyguard.policy.kinds import Kind

__all__ = ["Limit", "OnViolation", "Strict", "keyed"]

OnViolation = Literal["clamp", "deny"]
Value = str | int | float | bool | list[str]
_VALUES = frozenset({"min", "max", "default", "fixed", "allow", "block"})


class Strict(BaseModel):
    """A table of the policy file: nothing unknown in it, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def __repr_args__(self) -> Any:
        """Yield what a repr shows, without secrets: an operator may have put some into the policy."""
        for name, value in super().__repr_args__():
            yield name, value if isinstance(value, BaseModel) else _told(self, str(name), value)


def _told(table: BaseModel, name: str, value: Any) -> Any:
    if isinstance(value, dict) and not any(isinstance(each, BaseModel) for each in value.values()):
        return redact(value)
    if isinstance(value, (str, list)) and not any(isinstance(each, BaseModel) for each in value):
        return redact_value(getattr(table, "key", "") if name in _VALUES else "", value, 1)
    return value


def fault(message: str) -> PydanticCustomError:
    """Return a fault that names itself, with no prefix of pydantic's."""
    return PydanticCustomError("policy", "{message}", {"message": message})


class Limit(Strict):
    """What one session may ask of one property."""

    key: SkipJsonSchema[str] = Field("", exclude=True, repr=False)
    kind: SkipJsonSchema[Any] = Field(None, exclude=True, repr=False)  # a Kind, or None under a wrong key
    min: Value | None = None
    max: Value | None = None
    default: Value | None = None
    fixed: Value | None = None
    allow: list[Value] | None = None
    block: list[Value] | None = None
    pattern: str | None = None
    forbidden: StrictBool = False
    required: StrictBool = False
    on_violation: OnViolation | None = None
    reason: str | None = None
    contact: str | None = None
    cluster: str | None = None

    @field_validator("min", "max", "default", "fixed")
    @classmethod
    def _is_readable(cls, value: Any, info: Any) -> Any:
        if value is not None and (kind := info.data.get("kind")) is not None:
            _read(kind, value, info.data.get("key", ""))
        return value

    @field_validator("allow", "block")
    @classmethod
    def _items_are_readable(cls, values: Any, info: Any) -> Any:
        if (kind := info.data.get("kind")) is not None:
            for value in values or ():
                _read(kind, value, info.data.get("key", ""))
        return values

    @field_validator("min", "max")
    @classmethod
    def _has_an_order(cls, value: Any, info: Any) -> Any:
        kind = info.data.get("kind")
        if value is not None and kind is not None and not kind.is_ordered:
            raise fault(f"{info.field_name} needs numbers, sizes or times, and this is {kind.name}")
        least = info.data.get("min")
        if info.field_name == "max" and None not in (value, least, kind) and kind.read(least) > kind.read(value):
            raise fault(f"{shown(value)} is below min, {shown(least)}")
        return value

    @field_validator("pattern")
    @classmethod
    def _is_an_expression(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise fault(f"no regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _says_what_a_computed_property_can(self) -> Limit:
        if self.key in VIRTUAL:
            useless = self.model_fields_set - {"key", "kind", "max", "on_violation", "reason", "contact", "cluster"}
            if useless or self.max is None:
                raise fault(f"{self.key} is computed from the others: it takes max, and that alone")
        return self


def _read(kind: Kind, value: Any, key: str) -> None:
    try:
        kind.read(value)
    except Unreadable as error:
        is_secret = redact_value(key, value, 1) != value
        raise fault(f"it holds what looks like a secret, and is not {kind.name}" if is_secret else str(error)) from None


def keyed(limits: Any) -> Any:
    """Tell each limit its property and the kind of its values, before it is read."""
    if not isinstance(limits, dict):
        return limits
    return {
        key: {**{name: each for name, each in value.items() if name not in {"key", "kind"}}, **_known(key, value)}
        if isinstance(value, dict)
        else value
        for key, value in limits.items()
    }


def _known(key: str, value: dict[str, Any]) -> dict[str, Any]:
    unknown = {name: value[name] for name in ("key", "kind") if name in value}
    if unknown:  # the file's own; kept under another name, so that it is refused as unknown
        return {f"{name} ": each for name, each in unknown.items()}
    try:
        name = limited_property(key)
    except ValueError:
        return {}
    return {"key": name, "kind": kind_of(name, value)}
