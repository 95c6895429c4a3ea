"""LG402: a node has the pod, and cannot get its container image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import kubernetes_text as text
from livyguard.hints.catalog.kubernetes_pods import (
    AGAIN,
    Pod,
    is_over,
    look_at,
    pod_before,
    quote,
    session_of,
)
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_NO_IMAGE = re.compile(
    r'Failed to pull image \\?"(?P<image>[^"\\\s]{1,300})\\?"(?:: (?P<why>[^\n]{1,1000}))?'
    r'|Back-off pulling image \\?"(?P<again>[^"\\\s]{1,300})\\?"(?:: (?P<because>[^\n]{1,1000}))?'
    r'|Failed to apply default image tag \\?"(?P<wrong>[^"\\\s]{1,300})\\?"'
    r"|\b(?:ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName)\b"
)
_PULLED = re.compile(
    r'Successfully pulled image \\?"(?P<image>[^"\\\s]{1,300})\\?"'
    r'|Container image \\?"(?P<there>[^"\\\s]{1,300})\\?" already present'
)
_RUNS = re.compile(r"\bphase: (?:Running|Succeeded)\b|Started container spark-kubernetes-(?:driver|executor)")
_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]{1,30})\.amazonaws\.com/(?P<name>[a-z0-9][a-z0-9._/-]{0,255})"
    r"(?::(?P<tag>[\w.-]{1,128}))?"
)
#: What a registry says, and what it means: the first that is there.
_WHY = (
    (
        re.compile(r"(?i)toomanyrequests|pull rate limit"),
        "The registry allows no more pulls for now.",
    ),
    (
        re.compile(
            r"(?i)no basic auth credentials|\b40[13]\b|unauthorized|pull access denied|authorization failed|denied:"
        ),
        "The registry does not let the node in, or tells nobody that the image does not exist.",
    ),
    (
        re.compile(r"(?i)manifest unknown|not ?found|does not exist|no match for platform"),
        "The registry has no such image, or none with this tag.",
    ),
    (
        re.compile(r"(?i)i/o timeout|no such host|connection refused|handshake timeout|deadline exceeded"),
        "The node does not reach the registry.",
    ),
)
_NAME_AN_IMAGE = Fix(
    "Name an image that exists, if you chose it; the operator knows which.",
    cell=configure({"conf": {"spark.kubernetes.container.image": "REGISTRY/NAME:TAG"}}),
    applicability="manual",
)


def _image(case: Case) -> Finding | None:
    said = list(_NO_IMAGE.finditer(case.text))
    if not said:
        return None
    match = said[-1]
    pod = pod_before(case, match.start())
    image = match["image"] or match["again"] or match["wrong"]
    if _is_there(case, image, pod, match.end()):
        return None
    told = _telling(said, image)
    why = told["why"] or told["because"] or ""
    image = image or told["image"] or told["again"] or told["wrong"]
    meaning = next((meaning for pattern, meaning in _WHY if pattern.search(why)), "Why, its events say.")
    named = f"the image {excerpt(image)}" if image else "its image"
    title = title_of_start(case.session_id, f"a node cannot get {named}", is_over=case.waited is None)
    if pod is not None and pod.is_executor:
        title = f"{session_of(case)} gets no more executors: a node cannot get {named}"
    cause = f"A node has taken the {pod.what if pod else 'pod'} and cannot get its container image. {meaning}"
    facts = (quote(case, told), quote(case, match))
    return Finding(title, cause, facts, (look_at(pod), *_on_ecr(image), _NAME_AN_IMAGE, AGAIN), rank=92)


def _is_there(case: Case, image: str | None, pod: Pod | None, start: int) -> bool:
    """Tell whether a text says from a place on that the image, or the pod's, is there after all."""
    if image is None:
        return is_over(case, pod, _PULLED, start) or is_over(case, pod, _RUNS, start)
    pulled = any(image in {each["image"], each["there"]} for each in _PULLED.finditer(case.text, start))
    return pulled or is_over(case, pod, _RUNS, start)


def _telling(said: list[re.Match[str]], image: str | None) -> re.Match[str]:
    """Return the last line that says why, of the same image; the last of all where none does."""
    reasons = (
        each
        for each in reversed(said)
        if (each["why"] or each["because"]) and image in {None, each["image"], each["again"]}
    )
    return next(reasons, said[-1])


def _on_ecr(image: str | None) -> tuple[Fix, ...]:
    """Return what asks ECR for the image; nothing for one of another registry."""
    where = _ECR.fullmatch(image or "")
    if where is None:
        return ()
    command = (
        f"aws ecr describe-images --region {where['region']} --registry-id {where['account']} "
        f"--repository-name {where['name']} --image-ids imageTag={where['tag'] or 'latest'}"
    )
    return (
        Fix(
            "Ask ECR whether it has the image, where the aws command is at hand.",
            command=command,
            applicability="review",
        ),
    )


ENTRIES = (
    Entry(
        "LG402",
        "image-pull-failed",
        "a node cannot get the container image",
        text.IMAGE,
        _image,
        needles=("ErrImage", "ImagePullBackOff", "InvalidImageName", "Failed to pull image", "Back-off pulling image"),
    ),
)
