"""Failures of a real HDFS under a real Livy, met by one notebook whose kernel is never restarted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from tests.live.failing_livy import desk_of, running
from tests.live.hdfs import Hdfs
from tests.live.mending import codes, configure, goes_on, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel

pytestmark = [pytest.mark.live, pytest.mark.long]


@pytest.fixture(scope="module")
def hdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hdfs]:
    with Hdfs(tmp_path_factory.mktemp("hdfs")) as hdfs:
        yield hdfs


@pytest.fixture(scope="module")
def kernel(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("livy")
    with (
        running(LivyOptions(users=True), livy_home("0.9.0"), folder) as server,
        desk_of(tmp_path_factory.mktemp("alice"), server.url) as desk,
    ):
        yield desk.start()


def test_a_session_that_starts_while_the_file_system_is_in_safe_mode(hdfs: Hdfs, notebook: Kernel) -> None:
    hdfs.dfsadmin("-safemode", "leave")
    hdfs.make("/events")
    hdfs.dfsadmin("-safemode", "enter")
    configure(notebook, {"conf": {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"{hdfs.url}/events"}})

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG312"]
    assert "An operator has switched it on" in said
    assert "Safe mode is ON" in hdfs.dfsadmin("-safemode", "get")  # the hint's own: whether it is over
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, said)


def test_a_file_system_in_safe_mode_as_long_as_no_data_node_has_reported(hdfs: Hdfs, notebook: Kernel) -> None:
    hdfs.restart_name_node()
    write = f"spark.range(42).write.mode('overwrite').parquet('{hdfs.url}/numbers')"

    said = " ".join(notebook.run(write).text.split())
    hdfs.start_data_node()
    notebook.fine(write)  # the session has lost nothing by it
    count = notebook.fine(f"print(spark.read.parquet('{hdfs.url}/numbers').count())").stdout

    assert codes(said) == ["LG312"]
    assert "as soon as enough DataNodes have reported" in said
    assert "42" in count
