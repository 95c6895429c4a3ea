"""How to get at the API of Kubernetes: by a kubeconfig, else by the service account of the pod that this runs in."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from livyguard.errors import ClusterError
from livyguard.kubernetes.login import LoginError, loaded
from livyguard.patience import PASSING_FAULTS, asks_once

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACCOUNT", "Connection", "Kubeconfig", "ServiceAccount", "access_from"]

#: Where Kubernetes puts a pod's service account.
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
MISSING = re.compile(r"Expected (?:key|object with name) ([\w.@:/-]{1,100}) in ")
NO_FILE = re.compile(r"File does not exist: (.{1,300})")


@dataclass(frozen=True, slots=True)
class Connection:
    """A log-in to one cluster.

    Attributes:
        api: the client's ``CoreV1Api``.
        host: where it is, without what a URL may hold of a log-in.
        source: where the log-in is from, in words.
        namespace: the one to look into where nothing else names one.
    """

    api: Any = field(repr=False)
    host: str
    source: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """One kubeconfig or several, merged by kubectl's rules; its current context counts.

    Attributes:
        files: their paths, separated as in ``$KUBECONFIG``.
    """

    files: str

    def connect(self) -> Connection:
        """Read it, and run the log-in command that it may name. Nothing is written back. Raises ClusterError."""
        from kubernetes import client, config

        configuration = client.Configuration()

        def read() -> dict[str, Any]:
            config.load_kube_config(self.files, client_configuration=configuration, persist_config=False)
            context: dict[str, Any] = config.list_kube_config_contexts(self.files)[1]
            return context

        try:
            context = loaded(read)
        except LoginError as error:
            raise ClusterError(f"{self._named} {error}.") from error.__cause__
        except Exception as error:  # noqa: BLE001 - the client lets through whatever its parts raise
            raise ClusterError(f"{self._named} cannot be used: {_fault(error)}.") from None
        source = f"the kubeconfig's context {context.get('name')}"
        return _connection(configuration, source, context["context"].get("namespace"))

    @property
    def _named(self) -> str:
        return f"The kubeconfig {self.files}"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The service account of the pod that this runs in.

    Attributes:
        folder: its token, certificate and namespace.
        host: of the API.
        port: likewise.
    """

    folder: Path
    host: str
    port: str

    def connect(self) -> Connection:
        """Read the token, which Kubernetes renews from time to time. Raises ClusterError."""
        from kubernetes import client, config
        from kubernetes.config.incluster_config import InClusterConfigLoader

        configuration = client.Configuration()
        environ = {"KUBERNETES_SERVICE_HOST": self.host, "KUBERNETES_SERVICE_PORT": self.port}
        files = {"token_filename": str(self.folder / "token"), "cert_filename": str(self.folder / "ca.crt")}
        named = self.folder / "namespace"
        try:
            InClusterConfigLoader(**files, environ=environ).load_and_set(configuration)
            namespace = named.read_text("utf-8").strip() if named.is_file() else None
        except (config.ConfigException, OSError, ValueError) as error:
            raise ClusterError(f"The pod's service account in {self.folder} cannot be read.") from error
        return _connection(configuration, "the pod's service account", namespace)


def access_from(environ: Mapping[str, str], account: Path = ACCOUNT) -> Kubeconfig | ServiceAccount | None:
    """Return how to get at Kubernetes from here, as kubectl would; None where there is no way.

    Args:
        environ: the process's environment.
        account: where a pod's service account would be.
    """
    named = environ.get("KUBECONFIG") or os.path.join("~", ".kube", "config")  # noqa: PTH118 - as the client reads it
    paths = [os.path.expanduser(path) for path in named.split(os.pathsep) if path]  # noqa: PTH111 - never fails
    files = [path for path in paths if os.path.isfile(path)]  # noqa: PTH113 - likewise
    if files:
        return Kubeconfig(os.pathsep.join(files))
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    if host and port and os.path.isfile(account / "token"):  # noqa: PTH113 - likewise
        return ServiceAccount(account, host, port)
    return None


def _connection(configuration: Any, source: str, namespace: object) -> Connection:
    """Open the client: connections are tried twice, redirects not followed, a log-in is renewed by us.

    A server that is busy is asked again twice, but by whoever watches.
    """
    from kubernetes import client
    from urllib3.exceptions import InsecureRequestWarning
    from urllib3.util.retry import Retry

    class PatientRetry(Retry):
        def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
            return not asks_once() and super().is_retry(method, status_code, has_retry_after)

    configuration.retries = PatientRetry(
        total=2,
        connect=1,
        read=0,
        other=0,
        redirect=False,
        status_forcelist=PASSING_FAULTS,
        backoff_factor=0.2,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    configuration.refresh_api_key_hook = None
    parts = urlsplit(configuration.host)
    if not configuration.verify_ssl:  # whoever wrote the kubeconfig knows it
        message = re.escape(f"Unverified HTTPS request is being made to host '{parts.hostname}'")
        warnings.filterwarnings("ignore", message, InsecureRequestWarning)
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    where = namespace if isinstance(namespace, str) and namespace else "default"
    return Connection(client.CoreV1Api(client.ApiClient(configuration)), host, source, where)


def _fault(error: Exception) -> str:
    """Return what is wrong with a kubeconfig, without any of its content: the client quotes log-ins."""
    import yaml

    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1} is no YAML"
    if isinstance(error, yaml.YAMLError):
        return "it is no YAML"
    if found := MISSING.search(str(error)):
        return f"it has no {found[1]}"
    if found := NO_FILE.search(str(error)):
        return f"it names the file {found[1]}, which is not there"
    return "`kubectl config view --minify` shows its current context"
