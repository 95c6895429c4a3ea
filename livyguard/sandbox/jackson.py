"""JSON bodies read as Jackson reads them for Livy: the same leniency, the same complaints."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from livyguard.sandbox.answers import BAD_REQUEST, Rejection, server_error

__all__ = ["BodyReader", "JavaClass", "read_object"]

_SOURCE = "(org.eclipse.jetty.server.HttpInputOverHTTP)"
_TOKENS: dict[type, str] = {
    list: "Array value (token `JsonToken.START_ARRAY`)",
    dict: "Object value (token `JsonToken.START_OBJECT`)",
}
_JAVA_TYPES: dict[type, str] = {
    str: "java.lang.String",
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    list: "scala.collection.immutable.$colon$colon",
    dict: "scala.collection.immutable.Map$Map1",
}


@dataclass(frozen=True, slots=True)
class JavaClass:
    """A class of Livy's that a body is read into, as its complaints name it.

    Attributes:
        fields: the names that it knows, in the order in which Livy lists them.
        variable: what Livy calls the body,
        reads: and the method of it that it calls first.
    """

    name: str
    fields: tuple[str, ...]
    variable: str
    reads: str


def _bad(text: str) -> Rejection:
    return Rejection(BAD_REQUEST, text)


def _at(body: str, offset: int) -> str:
    line = body.count("\n", 0, offset) + 1
    column = offset - (body.rfind("\n", 0, offset) + 1) + 1
    return f"\n at [Source: {_SOURCE}; line: {line}, column: {column}]"


def _not_a_number(name: str) -> Any:
    raise _bad(f"Non-standard token '{name}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow")


def read_object(body: str, java: JavaClass) -> dict[str, Any]:
    """Read one JSON object; text after it is ignored.

    Raises:
        Rejection: 400 with a bare string: no JSON, another type, or an unknown field; 500 for ``null``.
    """
    text = body.lstrip()
    skipped = len(body) - len(text)
    if not text:
        raise _bad(f"No content to map due to end-of-input\n at [Source: {_SOURCE}; line: 1, column: 0]")
    try:
        value, _ = json.JSONDecoder(parse_constant=_not_a_number).raw_decode(text)
    except json.JSONDecodeError as fault:
        raise _syntax(body, skipped, fault) from None
    if value is None:
        raise server_error(
            f'java.lang.NullPointerException: Cannot invoke "{java.name}.{java.reads}()" because '
            f'"{java.variable}" is null'
        )
    if isinstance(value, list):
        raise _bad(f"Cannot deserialize value of type `{java.name}` from {_TOKENS[list]}{_at(body, skipped)}")
    if not isinstance(value, dict):
        raise _bad(
            f"Cannot construct instance of `{java.name}` (although at least one Creator exists): no "
            f"String-argument constructor/factory method to deserialize from String value ('{value}')"
            f"{_at(body, skipped)}"
        )
    _refuse_unknown(value, body, java)
    return value


def _syntax(body: str, skipped: int, fault: json.JSONDecodeError) -> Rejection:
    offset = skipped + fault.pos
    if offset >= len(body.rstrip()):
        kind = "Array" if body[skipped] == "[" else "Object"
        return _bad(
            f"Unexpected end-of-input: expected close marker for {kind} (start marker at [Source: {_SOURCE}; "
            f"line: 1, column: {skipped + 1}]){_at(body, len(body))}"
        )
    wanted = "double-quote to start field name" if "property name" in fault.msg else "a valid value"
    seen = body[offset]
    return _bad(f"Unexpected character ('{seen}' (code {ord(seen)})): was expecting {wanted}{_at(body, offset + 1)}")


def _after_value(body: str, name: str) -> int:
    """Find where Jackson stands when it refuses a field: inside of the value's opening sign, or behind a bare value."""
    colon = re.search(re.escape(json.dumps(name, ensure_ascii=False)) + r"\s*:\s*", body)
    if colon is None:  # the name was spelled with escapes
        return len(body)
    if body[colon.end()] in '"[{':
        return colon.end() + 1
    return json.JSONDecoder().raw_decode(body, colon.end())[1]


def _refuse_unknown(value: dict[str, Any], body: str, java: JavaClass) -> None:
    for name in value:
        if name not in java.fields:
            known = ", ".join(f'"{field}"' for field in java.fields)
            at = _at(body, _after_value(body, name))
            raise _bad(
                f'Unrecognized field "{name}" (class {java.name}), not marked as ignorable '
                f'({len(java.fields)} known properties: {known}]){at} (through reference chain: {java.name}["{name}"])'
            )


class BodyReader:
    """Reads the fields of one JSON object with Jackson's conversions."""

    def __init__(self, values: dict[str, Any], java: JavaClass) -> None:
        self._values = values
        self._java_class = java.name

    @classmethod
    def of(cls, body: str, java: JavaClass) -> BodyReader:
        """Read a body. Raises Rejection."""
        return cls(read_object(body, java), java)

    def _chain(self, name: str) -> str:
        return f' (through reference chain: {self._java_class}["{name}"])'

    def text(self, name: str) -> str | None:
        """Read a string; numbers and booleans become text.

        Raises:
            Rejection: 400 for an array or an object.
        """
        value = self._values.get(name)
        return None if value is None else self._as_text(value, name)

    def _as_text(self, value: Any, name: str) -> str:
        if isinstance(value, (list, dict)):
            raise _bad(
                f"Cannot deserialize value of type `java.lang.String` from {_TOKENS[type(value)]}{self._chain(name)}"
            )
        return value if isinstance(value, str) else json.dumps(value)

    def boxed_int(self, name: str) -> int:
        """Read one of Livy's ``Option[Int]``: the type is erased, so anything but an integer is a 500; absent is 0.

        Raises:
            Rejection: 500 with a ClassCastException.
        """
        value = self._values.get(name)
        if value is None:
            return 0
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        java = _JAVA_TYPES[type(value)]
        raise server_error(
            f"java.lang.ClassCastException: class {java} cannot be cast to class java.lang.Integer "
            f"({java} and java.lang.Integer are in module java.base of loader 'bootstrap')"
        )

    def plain_int(self, name: str) -> int:
        """Read one of Livy's plain ``Int``: digits in a string are read; absent is 0.

        Raises:
            Rejection: 400 for anything else.
        """
        value = self._values.get(name)
        if value is None:
            return 0
        try:
            return int(value)
        except (TypeError, ValueError):
            raise _bad(
                f'Cannot deserialize value of type `int` from String "{value}": not a valid `int` value'
                f"{self._chain(name)}"
            ) from None

    def texts(self, name: str) -> list[str]:
        """Read a list of strings; absent is empty.

        Raises:
            Rejection: 400 for anything but an array; 500 for an explicit null.
        """
        if name not in self._values:
            return []
        value = self._values[name]
        if value is None:
            raise server_error(
                'java.lang.NullPointerException: Cannot invoke "scala.collection.immutable.List.nonEmpty()" because '
                f'the return value of "{self._java_class}.{name}()" is null'
            )
        if not isinstance(value, list):
            token = _TOKENS.get(type(value), "String value (token `JsonToken.VALUE_STRING`)")
            raise _bad(
                "Cannot deserialize value of type `scala.collection.immutable.List<java.lang.String>` from "
                f"{token}{self._chain(name)}"
            )
        return [self._as_text(item, name) for item in value]

    def text_map(self, name: str) -> dict[str, str]:
        """Read a map of strings; absent and null are empty.

        Raises:
            Rejection: 400 for anything but an object or for a nested value; 500 for a null value.
        """
        value = self._values.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise _bad(
                "Cannot construct instance of `scala.collection.immutable.Map` (although at least one Creator "
                "exists): no String-argument constructor/factory method to deserialize from String value "
                f"('{value}'){self._chain(name)}"
            )
        if None in value.values():
            raise server_error("java.lang.NullPointerException")
        return {key: self._as_text(item, name) for key, item in value.items()}
