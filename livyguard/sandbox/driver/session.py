"""What the server calls in the kernel: open the session, run a statement."""

from __future__ import annotations

import json
import os
import threading
import warnings
from pathlib import Path
from typing import Any

from livyguard.sandbox.driver.cancellation import cancellable
from livyguard.sandbox.driver.progress import fraction_done, reported
from livyguard.sandbox.driver.repl import Prompt
from livyguard.sandbox.driver.spark import effective_conf, open_session
from livyguard.sandbox.driver.sql import execute_sql

__all__ = ["Answer", "execute", "open_spark"]

_open: dict[str, Any] = {}  # this process has one session


def _end_with(jvm: Any, note: Path) -> None:
    """Leave when Spark's JVM has left: in Livy the JVM is the driver, and the session dies with it."""
    jvm.wait()
    note.touch()
    os._exit(1)


class Answer:
    """A JSON value that leaves the kernel through ``user_expressions``."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def _repr_json_(self) -> Any:
        return self._value


def open_spark(settings_json: str) -> Answer:
    """Start Spark and define ``spark``, ``sc`` and ``sqlContext``.

    Args:
        settings_json: ``{"conf": {…}, "master": "local[2]", "directory": "…"}``.
    """
    settings = json.loads(settings_json)
    directory = settings["directory"]
    spark = open_session(effective_conf(settings["conf"], master=settings["master"], directory=directory))
    from pyspark.sql import SQLContext  # noqa: PLC0415 - imported with Spark

    import __main__  # noqa: PLC0415 - statements live where user code lives, so that it can be pickled for workers

    namespace = vars(__main__)
    for name in [name for name in namespace if not name.startswith("__")]:
        del namespace[name]  # what IPython defines; its exit() would end the kernel
    context = spark.sparkContext
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # deprecated, and still what people have in their notebooks
        namespace.update(spark=spark, sc=context, sqlContext=SQLContext(context, spark))
    jvm = getattr(context._gateway, "proc", None)  # noqa: SLF001 - there is no public way
    note = Path(directory, "jvm-ended")
    threading.Thread(target=_end_with, args=[jvm, note], name="end-with-the-jvm", daemon=True).start()
    _open.update(spark=spark, prompt=Prompt(namespace), progress=Path(directory, "progress"))
    return Answer({})


def execute(statement_json: str) -> Answer:
    """Run a statement: ``{"id": n, "code": "…", "kind": "pyspark" | "sql"}``."""
    statement = json.loads(statement_json)
    context, group = _open["spark"].sparkContext, str(statement["id"])
    has_spark = context._jsc is not None  # noqa: SLF001 - the user may have stopped it; there is no public question
    if has_spark:
        context.setJobGroup(group, statement["code"][:100], interruptOnCancel=True)

    def cancel_jobs() -> None:
        if has_spark:
            context.cancelJobGroup(group)

    def fraction() -> float:
        return fraction_done(context.statusTracker(), group) if has_spark else 0.0

    with cancellable(cancel_jobs), reported(group, fraction, _open["progress"]):
        if statement["kind"] == "sql":
            return Answer(execute_sql(_open["spark"], statement["code"]))
        return Answer(_open["prompt"].execute(statement["code"]))
