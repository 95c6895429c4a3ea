"""Starting a real Livy, as far as that goes without one."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions, spark_env
from livyguard.sandbox.livy.server import LivyServer, NotUp


def test_a_port_that_another_server_has_is_refused_since_that_one_would_answer_in_its_place(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        livy = LivyServer(LivyOptions(port=port), tmp_path / "livy", tmp_path)

        with pytest.raises(NotUp, match=f"Port {port} of 127.0.0.1 is taken"):
            livy.start()

    assert livy.pid == 0


def test_the_folder_that_spark_submit_is_led_to_stands_before_no_jar(tmp_path: Path) -> None:
    folder = tmp_path / "a livy's"
    folder.mkdir()
    (folder / "spark-env.sh").write_text(spark_env(folder))

    led = subprocess.run(
        ["sh", "-c", 'set -a; . "$1"; exec printenv SPARK_CONF_DIR', "sh", str(folder / "spark-env.sh")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.rstrip()

    assert led.startswith(str(folder))
    assert not Path(led).exists()
