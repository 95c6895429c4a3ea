"""SparkMagic's own troubles, in its words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read

STICKY = """The code failed because of a fatal error:
\t{}.

Some things to try:
a) Make sure Spark has enough available resources for Jupyter to create a Spark context.
b) Contact your Jupyter administrator to make sure the Spark magics library is configured correctly.
c) Restart the kernel."""
VIZ = 'Failed to register auto viz for notebook.\nException details:\n\t"{}"'


def codes(text):
    return [hint.code for hint in diagnose(read(text))]


def test_an_error_that_sticks_is_explained_by_what_it_holds_where_that_is_known():
    assert codes(STICKY.format("something that nobody knows")) == ["LG902"]
    assert codes(STICKY.format("Session 3 did not start up in 60 seconds.")) == ["LG201"]
    assert codes(STICKY.format("Auth 'Magic' not supported")) == ["LG903"]


def test_an_error_that_sticks_needs_no_restart():
    (hint,) = diagnose(read(STICKY.format("x")))

    assert [(fix.cell, fix.applicability) for fix in hint.fixes] == [("%livy_recover", "safe")]


@pytest.mark.parametrize(
    "text",
    [
        "base64_password for kernel_scala_credentials contains invalid base64 string: <class 'binascii.Error'> padding",
        "BadUserConfigurationException: Auth 'None' not supported",
        "Retry policy 'often' not supported",
        "SparkMagic's configuration /home/a/.sparkmagic/config.json is no JSON: Expecting value (line 1, column 2).",
        "base64_password in /home/a/.sparkmagic/config.json is no base64 of a text.",
        "/a/config.json wants the authentication 'X', and its `authenticators` name no such class.",
    ],
)
def test_whatever_is_wrong_in_config_json_has_one_hint(text):
    assert codes(text) == ["LG903"]


DIED = """  File "/opt/venv/lib/python3.11/site-packages/sparkmagic/utils/sparklogger.py", line 11, in __init__
    MAGICS_LOGGER_NAME, conf.logging_config(), class_name
  File "/opt/venv/lib/python3.11/site-packages/hdijupyterutils/configuration.py", line 71, in _load
    overrides = json.loads(line)
                ^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
json.decoder.JSONDecodeError: Expecting ',' delimiter: line 2 column 34 (char 84)"""
LOADED = """JSONDecodeError                           Traceback (most recent call last)
Cell In[3], line 1
----> 1 get_ipython().run_line_magic('load_ext', 'sparkmagic.magics')

File /opt/venv/lib/python3.11/site-packages/hdijupyterutils/configuration.py:71, in _load(path, fsrw_class)
     70 else:
---> 71     overrides = json.loads(line)

File /usr/lib/python3.11/json/decoder.py:355, in JSONDecoder.raw_decode(self, s, idx)
    355     raise JSONDecodeError("Expecting value", s, err.value) from None

JSONDecodeError: Expecting ',' delimiter: line 2 column 34 (char 84)"""


@pytest.mark.parametrize("text", [DIED, LOADED, LOADED.replace("/", "\\")], ids=["kernel", "load_ext", "Windows"])
def test_a_kernel_that_dies_of_a_comma_in_config_json_is_told_where_the_comma_is(text):
    (hint,) = diagnose(read(text))

    assert hint.code == "LG903"
    assert [fact.text for fact in hint.evidence] == [
        "JSONDecodeError: Expecting ',' delimiter: line 2 column 34 (char 84)"
    ]
    assert not any("base64" in (fix.command or "") for fix in hint.fixes)
    assert codes(text.replace("hdijupyterutils", "mine")) == []


def test_advice_about_config_json_fits_the_fault_and_names_the_file():
    password = "base64_password in {} is no base64 of a text."
    broken = "SparkMagic's configuration {} is no JSON: Expecting value (line 1, column 2)."

    def commands(said):
        (hint,) = diagnose(read(said))
        assert all(fix.cell is None for fix in hint.fixes)
        assert hint.fixes[-1].applicability == "manual"
        return [fix.command for fix in hint.fixes]

    assert commands(broken.format("/a/b.json")) == [
        "python -m json.tool /a/b.json /dev/null",
        "${EDITOR:-vi} /a/b.json",
    ]
    assert commands(password.format("/a/b.json"))[0] == "python -m json.tool /a/b.json /dev/null"
    assert "base64" in commands(password.format("/a/b.json"))[1]
    assert "base64" in commands("Auth 'Magic' not supported")[1]
    assert not any("base64" in command for command in commands("Retry policy 'often' not supported"))
    for odd in ("--help", "/a;rm", "$(x)"):
        assert commands(broken.format(odd))[0] == "python -m json.tool ~/.sparkmagic/config.json /dev/null"


def test_the_file_is_looked_at_as_advised_and_names_the_line(tmp_path):
    (tmp_path / ".sparkmagic").mkdir()
    (tmp_path / ".sparkmagic" / "config.json").write_text('{"a": 1,\n"b"}')
    (hint,) = diagnose(read(DIED))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    command = ["bash", "-c", hint.fixes[0].command]
    surroundings = {"HOME": str(tmp_path), "PATH": path}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)

    assert hint.fixes[0].applicability == "safe"
    assert "line 2 column 4" in done.stderr


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("cannot import name 'DataError' from 'pandas.core.groupby'", "pandas"),
        ("'coroutine' object is not subscriptable", "ipykernel"),
        ("'Future' object is not subscriptable", "ipykernel"),
        ("cannot import name 'Mapping' from 'collections'", "Python"),
    ],
)
def test_who_does_not_fit_is_named(said, what):
    (hint,) = diagnose(read(VIZ.format(said)))

    assert hint.code == "LG904"
    assert hint.title == f"SparkMagic and {what} do not fit together"


def test_what_only_a_restart_of_the_kernel_mends_is_not_offered_to_be_forgotten():
    (at_its_start,) = diagnose(read(STICKY.format(VIZ.format("cannot import name 'DataError'"))))
    (in_a_cell,) = diagnose(read("An internal error was encountered.\n'coroutine' object is not subscriptable"))

    assert "%livy_recover" not in [fix.cell for fix in at_its_start.fixes]  # every cell repeats the error, this too
    assert "%livy_recover" in [fix.cell for fix in in_a_cell.fixes]
    assert codes(STICKY.format("Failed to load the Spark kernels magics library.\nException details: x")) == []


@pytest.mark.parametrize(
    "text", ["cannot import name 'Mapping' from 'collections'", "'DataFrame' object has no attribute 'append'"]
)
def test_the_same_words_about_a_users_own_code_have_no_hint(text):
    assert codes(f"Traceback (most recent call last):\n{text}") == []
