"""What ``%livy_plan`` does: reads its options, and works out the answer; no cluster and no Livy is asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from livyguard.capacity.answer import answer
from livyguard.capacity.asking import Options, asks_for_policy, read
from livyguard.config import PolicyFiles
from livyguard.errors import InvalidInput
from livyguard.views import chart
from livyguard.views.plan import PlanView

if TYPE_CHECKING:
    from livyguard.bootstrap import Kernel
    from livyguard.views.shown import Shown

__all__ = ["plan"]


def plan(kernel: Kernel, args: Any) -> Shown | None:
    """Return the answer, or print its JSON. The cell passes whatever it is.

    Raises:
        InvalidInput: with every fault of the options.
        InvalidPolicy: the policy that is asked about cannot be used.
    """
    given = {**vars(args), "conf": tuple(args.conf), "people": tuple(args.people)}
    as_json = given.pop("json")
    asked = Options(**given)
    view = _of_policy(kernel, asked) if asks_for_policy(asked) else _of_people(asked, sys.stderr if as_json else None)
    if not as_json:
        return view
    print(json.dumps(view.to_json(), indent=2))  # noqa: T201 - it is the output
    return None


def _of_people(asked: Options, said: TextIO | None) -> Shown:
    found = answer(read(asked))
    if asked.chart is not None:
        print(chart.write(found, asked.chart), file=said)
    return PlanView(found)


def _of_policy(kernel: Kernel, asked: Options) -> Shown:
    from livyguard.capacity.promise import NO_POLICY, read_policy
    from livyguard.views.fit import FitView

    question = read_policy(asked)
    if asked.policy is None:
        policy = kernel.policies.policy()
    else:
        file = Path(asked.policy)
        policy = PolicyFiles((file,), kernel.display.notice, required=file).policy()
    if policy is None:
        raise InvalidInput(NO_POLICY)
    return FitView(question.fit(policy), question.notes)
