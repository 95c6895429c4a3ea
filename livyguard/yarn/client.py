"""The ResourceManager's REST interface as livyguard's view of a cluster."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livyguard.errors import ClusterError
from livyguard.patience import PASSING_FAULTS
from livyguard.yarn import scheduler
from livyguard.yarn.wire import application_from, applications_from, slim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from livyguard.capacity.queue import QueueRoom
    from livyguard.sessions.application import Application
    from livyguard.yarn.transport import Transport

__all__ = ["ResourceManager"]

APPS = "/ws/v1/cluster/apps"
QUEUES, NODES = "/ws/v1/cluster/scheduler", "/ws/v1/cluster/nodes"
OK, ACCEPTED, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 200, 202, 401, 403, 404
KILLED = {"state": "KILLED"}
#: Those that hold, or wait for, something. Of what may be left out of the answer each version since 2.9 knows the
#: resource requests, by far the longest part; older ones ignore the parameter, but any word that a version does not
#: know (``timeouts``, ``resourceInfo`` before 3.0) makes it refuse the request.
LIVING = {"states": "ACCEPTED,RUNNING", "deSelects": "resourceRequests"}
LONGEST = 300
#: A page says what it is at its beginning, and a long one that is broken takes long to take apart.
LONGEST_PAGE = 10_000


class ResourceManager:
    """One YARN cluster: implements :class:`livyguard.ports.ClusterView`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def url(self) -> str:
        """The ResourceManager that answered last."""
        return self._transport.places[0]

    @property
    def place(self) -> str:
        """What is asked, in words."""
        return f"the ResourceManager {self.url}"

    def living(self) -> list[Application]:
        """Return the applications that hold, or wait for, resources; everybody's, in one request.

        The states of the answer are looked at again: a server that does not know the parameter lists all.
        """
        return [application for application in self._applications(LIVING) if not application.is_over]

    def tagged(self, tag: str) -> list[Application]:
        """Return the applications that carry a tag, whatever became of them.

        The tags of each answer are looked at again: a server that does not know the parameter lists everybody's.
        """
        return [application for application in self._applications({"applicationTags": tag}) if tag in application.tags]

    def application(self, app_id: str) -> Application | None:
        """Read one application; None for one that YARN does not know, or no longer."""
        path = f"{APPS}/{app_id}"
        answer = self._get(path)
        if answer is None:
            return None
        application = application_from(answer.get("app"))
        if application is None:
            raise self._no_yarn(path)
        return application

    def kill(self, app_id: str) -> None:
        """Tell YARN to kill an application, once; one that has ended or that YARN has forgotten is no fault."""
        answer = self._transport.request("PUT", f"{APPS}/{app_id}/state", body=KILLED)
        if answer.status_code not in {OK, ACCEPTED} and not _is_unknown(answer):
            raise self._refusal(f"to kill {app_id}", answer)

    def queue(self, name: str, user: str | None) -> QueueRoom | None:
        """Return what a queue has left; None where the ResourceManager does not tell. For one user's share of it, too.

        It tells of the capacity scheduler's queues and the fair scheduler's.
        """
        answer = self._get(QUEUES, what="to show its queues", keep=scheduler.slim)
        return None if answer is None else scheduler.queue_room(answer, name, user)

    def nodes(self) -> tuple[int, ...] | None:
        """Return what each node that is up has free, MiB; None where the ResourceManager does not tell."""
        answer = self._get(NODES, {"states": "RUNNING"}, what="to show its nodes", keep=scheduler.slim)
        return None if answer is None else scheduler.free_of_nodes(answer)

    def _applications(self, params: Mapping[str, str]) -> list[Application]:
        found = applications_from(self._get(APPS, params) or {})
        if found is None:
            raise self._no_yarn(APPS)
        return found

    def _get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        what: str = "to show applications",
        keep: Callable[[Mapping[str, Any]], dict[str, Any]] = slim,
    ) -> dict[str, Any] | None:
        answer = self._transport.request("GET", path, params=params)
        if _is_unknown(answer):
            return None
        if answer.status_code != OK:
            raise self._refusal(what, answer)
        try:
            content = answer.json(object_hook=keep)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise self._no_yarn(path)
        return content

    def _refusal(self, what: str, answer: requests.Response) -> ClusterError:
        status, said = answer.status_code, _message(answer)
        if status == UNAUTHORIZED:
            said = self._transport.login.fault(answer)
        text = f"The ResourceManager {self.url} refuses {what} ({status}){f': {said}' if said else ''}."
        return ClusterError(text, is_passing=status in PASSING_FAULTS)

    def _no_yarn(self, path: str) -> ClusterError:
        return ClusterError(
            f"{self.url} answers {path} as no ResourceManager does. Something else may be listening there."
        )


def _is_unknown(answer: requests.Response) -> bool:
    """Tell YARN's own 404, of an application that it does not know, from that of a server that is none of YARN's."""
    return answer.status_code == NOT_FOUND and "RemoteException" in answer.text


def _message(answer: requests.Response) -> str:
    """Return YARN's words, one line: out of ``{"RemoteException": {"message": …}}``, Jetty's own JSON, or a page."""
    try:
        content = answer.json()
        content = content.get("RemoteException", content)
        text = str(content["message"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        text = re.sub(r"(?s)<(style|script|head).*?</\1>|<[^>]*>", " ", answer.text[:LONGEST_PAGE])
    line = " ".join(re.sub(r"^(?:java\.lang\.\w+: )+", "", text).split()).rstrip(".")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
