"""What the fakes of servers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from livyguard.errors import LivyguardError

__all__ = ["Scripted"]

Answer = TypeVar("Answer")


class Scripted:
    """A fake that notes each call, raises what a test has planned for it, and lets things happen after it."""

    faults: dict[str, list[LivyguardError]]
    calls: list[tuple[str, Any]]
    after: dict[str, Any]

    def asked(self, method: str) -> list[Any]:
        """Return the arguments of every call of a method."""
        return [argument for name, argument in self.calls if name == method]

    def _called(self, method: str, argument: Any) -> None:
        self.calls.append((method, argument))
        if self.faults.get(method):
            raise self.faults[method].pop(0)

    def _done(self, method: str, answer: Answer) -> Answer:
        if method in self.after:
            self.after.pop(method)(self)
        return answer
