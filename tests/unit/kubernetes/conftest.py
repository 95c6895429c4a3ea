"""An API server, and the kubeconfig that leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from livyguard.kubernetes.access import Kubeconfig
from tests.unit.kubernetes.api_server import TOKEN, ApiServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_httpserver import HTTPServer


@pytest.fixture
def api(httpserver: HTTPServer) -> ApiServer:
    return ApiServer(httpserver)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Kubeconfig]:
    """Write a kubeconfig with one context: ``written(url, user=…, cluster=…, context=…)``."""

    def write(
        url: str, user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None, **context: str
    ) -> Kubeconfig:
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "dev",
            "clusters": [{"name": "c", "cluster": {"server": url, **(cluster or {})}}],
            "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
            "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u", **context}}],
        }
        file = tmp_path / "kubeconfig"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        return Kubeconfig(str(file))

    return write


@pytest.fixture(autouse=True)
def nobody_is_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the tests from this machine's own clusters and proxies."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "*")
