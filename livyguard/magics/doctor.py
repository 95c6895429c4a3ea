"""What ``%livy_doctor`` does: looks at the whole chain from this kernel to the cluster, and changes nothing."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from livyguard.bootstrap import connect, open_store
from livyguard.consulting import consult
from livyguard.doctor.ports import GuardFacts
from livyguard.sparkmagic.covering import covered
from livyguard.views.doctor import DoctorView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.bootstrap import Kernel
    from livyguard.ports import SessionStore
    from livyguard.sparkmagic.hook import Hook

__all__ = ["examine"]


def examine(kernel: Kernel, hook: Hook, args: Any) -> DoctorView | None:
    """Return what the doctor says, or print its JSON. The cell passes whatever it is: it is the answer.

    Raises:
        InvalidInput: ``--url`` is no URL.
    """
    if args.url is not None:
        connect(args.url)  # what is no URL is told before anything is looked at

    def guard() -> GuardFacts:
        return GuardFacts(hook.is_guarding, kernel.has_sparkmagic, tuple(hook.faults), covered(hook))

    def stores() -> Sequence[tuple[SessionStore, str]]:
        if args.url is None and not (kernel.has_sparkmagic and kernel.notebook.stores()):
            return [open_store()]
        source = "--url" if args.url else "this notebook's SparkMagic"
        return [(store, source) for store in kernel.stores(args.url)]

    with closing(kernel.display.progress()) as progress:
        view = DoctorView(consult(kernel, stores, guard, progress).examine())
    if not args.json:
        return view
    print(json.dumps(view.to_json(), indent=2))  # noqa: T201 - it is the output
    return None
