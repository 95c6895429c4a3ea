"""Where Spark's history server shows an application, as the policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from livyguard.policy.endpoints import web_address

if TYPE_CHECKING:
    from livyguard.policy.model import Cluster

__all__ = ["history_url"]

#: How spark-defaults tells YARN's pages of it: host and port, by Spark's documentation without a scheme.
ADDRESS = "spark.yarn.historyServer.address"


def history_url(cluster: Cluster | None, app_id: str | None) -> str | None:
    """Return the URL of an application's page on the history server; None where nothing tells it.

    ``[cluster] history_server`` says it, else ``spark.yarn.historyServer.address`` in ``spark_defaults``, unless Spark
    would have to substitute something in it first.

    Args:
        cluster: what the policy says of it.
        app_id: ``application_1700000000000_0001``, ``spark-…``.
    """
    base = None if cluster is None else _server(cluster)
    return None if base is None or not app_id else f"{base}/history/{quote(app_id, safe='')}/"


def _server(cluster: Cluster) -> str | None:
    if cluster.history_server is not None:
        return web_address(cluster.history_server)
    address = cluster.spark_defaults.get(ADDRESS)
    if not isinstance(address, str) or "${" in address:
        return None
    return web_address(address if "://" in address else f"http://{address.strip()}")
