from __future__ import annotations

from livyguard.hints.start import reported


def test_spark_submits_last_report_tells_state_and_queue() -> None:
    log = [
        "26/11/22 01:00:01 INFO Client: Application report for application_1700000000000_0001 (state: ACCEPTED)",
        "\t queue: root.narrow",
        "26/11/22 01:00:09 INFO Client: Application report for application_1700000000000_0001 (state: RUNNING)",
        "queue: the rest of a line that is none of its",
    ]

    assert reported(log) == ("RUNNING", "root.narrow")
    assert reported(log[:1]) == ("ACCEPTED", None)
    assert reported(["26/11/22 INFO Client: Submitting"]) == (None, None)
