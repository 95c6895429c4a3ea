"""A statement of SQL, answered as Livy does: the schema and at most 1,000 rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.driver.values import json_value

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["execute_sql"]

_MOST_ROWS = 1000


def execute_sql(spark: SparkSession, query: str) -> dict[str, Any]:
    """Run one query.

    Returns:
        ``{"status": "ok", "data": {"application/json": {"schema", "data"}}}`` or an error named "Error".
    """
    try:
        frame = spark.sql(query)
        kinds = [field.dataType for field in frame.schema.fields]
        rows = [[json_value(*cell) for cell in zip(row, kinds, strict=True)] for row in frame.take(_MOST_ROWS)]
        text = json.dumps(rows, default=str)  # a type of the user's own that no JSON can hold is shown as text
        table = {"schema": frame.schema.jsonValue(), "data": json.loads(text)}
    except Exception as error:  # noqa: BLE001 - whatever Spark says is the statement's answer
        stack = getattr(getattr(error, "_origin", None), "getStackTrace", None)
        frames = [str(frame) for frame in stack()] if stack is not None else []
        return {"status": "error", "ename": "Error", "evalue": str(error), "traceback": frames}
    return {"status": "ok", "data": {"application/json": table}}
