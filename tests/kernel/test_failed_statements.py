"""A statement that fails of Spark and not of its code: SparkMagic's own words, and behind them what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.sandbox import Sandbox

from .conftest import Lab

if TYPE_CHECKING:
    from pathlib import Path

# The sandbox keeps its driver as it is; a TaskSetManager reads this one anew for each job.
SMALL = 'print(sc._jsc.sc().conf().set("spark.driver.maxResultSize", "1m"))'
COLLECT = "len(sc.range(0, 2_000, 1, 2).map(lambda number: 'x' * 1_000 + str(number)).collect())"
FATAL = '%%local\nimport sparkmagic.utils.configuration as conf\nconf.override("all_errors_are_fatal", True)'
SAID = "LG303 The result is larger than the driver may take: "


def test_a_result_that_is_too_large_is_explained_on_every_route(tmp_path: Path) -> None:
    with Sandbox(engine="pyspark", cores=1) as sandbox:
        lab = Lab(tmp_path, sandbox)
        kernel = lab.start()
        try:
            kernel.fine(SMALL)
            mine = kernel.fine("1 / 0")
            cell = kernel.fine(COLLECT)
            alive = kernel.fine("%livy_recover")
            sql = kernel.fine("%%sql\nSELECT id, repeat('x', 1000) AS text FROM range(0, 4000, 1, 2)")
            kernel.fine(FATAL)
            fatal = kernel.run(COLLECT)
            kernel.fine("2 + 2")
        finally:
            lab.stop()

    assert "ZeroDivisionError" in mine.stderr
    assert "LG" not in mine.stderr
    assert cell.stderr.startswith("An error was encountered:\n")
    assert "Traceback (most recent call last)" in cell.stderr
    assert cell.stderr.index("is bigger than spark.driver.maxResultSize (1024.0 KiB)") < cell.stderr.index(SAID)
    assert "is alive" in alive.text
    assert SAID in sql.stderr
    assert fatal.status == "error"
    assert SAID in fatal.error
