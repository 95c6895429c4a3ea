"""Who gave what: SparkMagic's merged properties taken apart again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sparkmagic.utils import configuration as conf

from livyguard.sparkmagic import settings
from livyguard.sparkmagic.settings import (
    asked_and_operator,
    asked_by,
    operator_settings,
    user_settings,
    without_effect,
)

if TYPE_CHECKING:
    from pathlib import Path

PRESET = {"driverMemory": "4g", "conf": {"spark.x": "operator"}}
DEFAULTS = {"executorMemory": "2g"}


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"session_configs": PRESET, "session_configs_defaults": DEFAULTS}))
    monkeypatch.setattr(conf, "path", str(file))
    monkeypatch.setattr(settings._Preset, "value", None)
    conf.override_all(json.loads(file.read_text()))
    yield file
    conf.override_all({})


def payload(**extra: Any) -> dict[str, Any]:
    """What SparkMagic sends to ``post_session`` now."""
    return {**conf.get_session_properties("python"), **extra}


def test_where_the_user_set_nothing_all_is_the_operators() -> None:
    asked, operator = asked_and_operator(payload(heartbeatTimeoutInSecond=60))

    assert asked == {"kind": "pyspark"}
    assert operator == [DEFAULTS, PRESET, {"heartbeatTimeoutInSecond": 60}]


def test_what_a_user_configured_is_the_users_and_the_operators_settings_stay_below() -> None:
    conf.override("session_configs", {"numExecutors": 40})

    asked, operator = asked_and_operator(payload())

    assert asked == {"numExecutors": 40, "kind": "pyspark"}
    assert operator == [DEFAULTS, PRESET]


def test_an_empty_configure_is_a_user_who_asks_for_nothing() -> None:
    conf.override("session_configs", {})

    assert asked_and_operator(payload()) == ({"kind": "pyspark"}, [DEFAULTS, PRESET])


def test_a_payload_made_by_hand_is_the_users_as_a_whole() -> None:
    asked, operator = asked_and_operator({"kind": "spark", "numExecutors": 9, "conf": {"spark.y": "z"}})

    assert asked == {"kind": "spark", "numExecutors": 9, "conf": {"spark.y": "z"}}
    assert operator == [DEFAULTS, PRESET]


def test_kind_and_heartbeat_come_with_the_route_whatever_the_body_says() -> None:
    conf.override("session_configs", {"kind": "sparkr", "heartbeatTimeoutInSecond": 5, "numExecutors": 1})

    asked, operator = asked_and_operator(payload(heartbeatTimeoutInSecond=60))

    assert asked == {"numExecutors": 1, "kind": "pyspark"}
    assert {"heartbeatTimeoutInSecond": 60} in operator


@pytest.mark.parametrize("text", ["{broken", "[1]", '{"session_configs": 3}', ""])
def test_a_broken_config_json_presets_nothing(config: Path, text: str) -> None:
    config.write_text(text)

    assert operator_settings() == [DEFAULTS]


def test_a_missing_config_json_presets_nothing(config: Path) -> None:
    config.unlink()

    assert operator_settings() == [DEFAULTS]


def test_settings_that_are_no_object_are_nobodys() -> None:
    conf.override("session_configs", [1])

    assert user_settings() == {}


def test_what_is_returned_can_be_changed_without_changing_the_settings() -> None:
    operator_settings()[1]["conf"]["spark.x"] = "spoiled"

    assert operator_settings()[1] == PRESET


def test_a_body_asks_what_a_configure_of_it_would() -> None:
    body = {"numExecutors": 1, "kind": "sparkr", "heartbeatTimeoutInSecond": 5}
    conf.override("livy_server_heartbeat_timeout_seconds", 60)
    conf.override("session_configs", {"numExecutors": 7})
    reached = asked_and_operator(payload(numExecutors=7, heartbeatTimeoutInSecond=60))

    asked, operator = asked_by(body, "pyspark")

    assert asked == {"numExecutors": 1, "kind": "pyspark"}
    assert operator == reached[1] == [DEFAULTS, PRESET, {"heartbeatTimeoutInSecond": 60}]
    assert asked_by(body, None)[0] == {"numExecutors": 1}


def test_what_a_body_says_in_vain_is_told() -> None:
    conf.override("livy_server_heartbeat_timeout_seconds", 60)

    said = without_effect({"kind": "sparkr", "heartbeatTimeoutInSecond": 5}, "pyspark")

    assert [sentence.partition(":")[0] for sentence in said] == [
        "kind 'sparkr' has no effect",
        "heartbeatTimeoutInSecond 5 has no effect",
    ]
    assert without_effect({"kind": "pyspark", "heartbeatTimeoutInSecond": 60}, "pyspark") == []
    assert without_effect({"kind": "sparkr"}, None) == []


def test_a_secret_that_is_said_in_vain_is_not_shown() -> None:
    said = without_effect({"kind": "password=hunter2", "heartbeatTimeoutInSecond": "token=hunter2"}, "pyspark")

    assert len(said) == 2
    assert "hunter2" not in "".join(said)
