"""What a person asks of the planner: every question is understood, or all that is wrong with it is said at once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.capacity.answer import answer
from livyguard.capacity.asking import Options, read
from livyguard.capacity.promise import read_policy
from livyguard.errors import InvalidInput
from tests.unit.capacity.asked import EKS, STANDALONE, YARN, ask, faults

GLUE = {"worker_type": "G.1X"}


@pytest.mark.parametrize(
    ("given_options", "mode"),
    [
        ({"users": "3", "executors": "5"}, "forward"),
        ({"users": "3", "workers": "18"}, "executors"),
        ({"executors": "5", "workers": "18"}, "users"),
        ({"users": "3", "executors": "5", "workers": "18"}, "check"),
        ({"users": "3,10", "executors": "5"}, "matrix"),
        ({"users": "3", "executors": "2,5", "workers": "18"}, "matrix"),
        ({"users": "3,6", "workers": "18"}, "matrix"),
        ({"users": "3,3", "executors": "5"}, "forward"),
    ],
)
def test_what_is_given_tells_what_is_asked(given_options, mode):
    assert ask(**GLUE, **given_options).asked.mode == mode


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "--users: it takes 1 or more, not '0'."),
        ("-3", "--users: it takes 1 or more, not '-3'."),
        ("2.5", "--users: '2.5' is no whole number."),
        ("three", "--users: 'three' is no whole number."),
        ("", "--users: '' is no whole number."),
        ("3,", "--users: '' is no whole number."),
        ("nan", "--users: 'nan' is no whole number."),
        ("1e3", "--users: '1e3' is no whole number."),
        ("١٢", "--users: '١٢' is no whole number."),
        ("100001", "--users: '100001' is beyond any cluster there is; 100,000 is the most."),
        ("9" * 5_000, f"--users: '{'9' * 79}… is beyond any cluster there is; 100,000 is the most."),
        (",".join("1" * 51), "--users: a list of at most 50 numbers, not of 51."),
    ],
)
def test_a_number_that_is_none_is_told(text, said):
    assert faults(users=text, executors="5", **GLUE) == [said]


def test_the_largest_number_is_answered():
    assert ask(users="+100000", executors="0001", **GLUE).cells[0].plan.workers == 200_000


def test_all_faults_are_told_at_once():
    numbers = {"users": "0", "executors": "x", "workers": "-1", "at_once": "150%"}

    assert faults(**numbers, worker_type="G1X", conf=("x",), people=("a",)) == [
        "--users: it takes 1 or more, not '0'.",
        "--executors: 'x' is no whole number.",
        "--workers: it takes 1 or more, not '-1'.",
        "--at-once: it takes a share above 0 up to 1, 50% or 0.5, not '150%'.",
        "--people goes with --policy.",
        "--worker-type: 'G1X' is no worker type that livyguard knows; did you mean G.1X?",
        "--conf: 'x' is no KEY=VALUE, such as spark.executor.memoryOverhead=2g.",
    ]


@pytest.mark.parametrize("cluster", ["", "large"])
def test_a_cluster_goes_with_a_policy_whatever_its_name(cluster):
    assert faults(users="3", executors="5", worker_type="G.1X", cluster=cluster) == ["--cluster goes with --policy."]


def test_too_little_is_answered_with_what_can_be_asked():
    said = faults(users="3", worker_type="G.1X")

    assert len(said) == 1
    assert said[0].startswith("Say what is asked: --users and --executors for the workers that they need")


@pytest.mark.parametrize(
    ("text", "share"),
    [("50%", Fraction(1, 2)), ("0.5", Fraction(1, 2)), ("1", 1), ("100%", 1), ("33.3 %", Fraction(333, 1000))],
)  # fmt: skip
def test_a_share_is_read_as_it_is_written(text, share):
    assert ask(users="9", executors="1", at_once=text, **GLUE).asked.at_once == share


@pytest.mark.parametrize("text", ["0", "0%", "1.01", "-0.5", "half", "", "101%"])
def test_a_share_beyond_its_bounds_is_told(text):
    (said,) = faults(users="9", executors="1", at_once=text, **GLUE)

    assert said.startswith("--at-once: it takes a share above 0 up to 1, 50% or 0.5, not ")


def test_a_share_without_its_per_cent_is_asked_about():
    (said,) = faults(users="9", executors="1", at_once="50", **GLUE)

    assert said.endswith("not '50'; did you mean 50%?")


def test_a_share_of_the_people_is_rounded_up():
    found = ask(users="9", executors="1", at_once="50%", **GLUE)

    assert found.cells[0].plan.users == 5
    assert found.cells[0].plan.workers == 10
    assert found.notes[0] == "50% of 9 people work at once: 5 people."


def test_a_chart_is_svg():
    assert faults(users="9", executors="1", chart="plan.png", **GLUE) == [
        "--chart: what is drawn is SVG; give a file that ends in .svg."
    ]


NUMBERS = ["", "0", "1", "3", "5,10", "-1", "x", "1.5", "100000", "9" * 30, "50%", "0.1", "1e9", "٣", "500m", "15.5"]
SIZES = ["1g", "8g", "56g", "1t", "99p", "${x}", "\ud800", "a" * 300]
NAMES = [
    "G.1X",
    "Standard",
    "G.4X",
    "m5.4xlarge",
    "glue",
    "yarn",
    "kubernetes",
    "standalone",
    "cluster",
    "client",
    "python",
]
WORDS = st.one_of(st.none(), st.sampled_from([*NUMBERS, *SIZES, *NAMES]), st.text(max_size=12))
OF_A_SIDE = ("memory", "cores", "memoryOverhead", "memoryOverheadFactor", "minMemoryOverhead", "extraJavaOptions")
KEYS = [
    *(f"spark.{side}.{name}" for side in ("executor", "driver") for name in OF_A_SIDE),
    *("spark.yarn.am.memory", "spark.yarn.am.memoryOverhead", "spark.memory.offHeap.size", "spark.cores.max"),
    *("spark.memory.offHeap.enabled", "spark.kubernetes.executor.request.cores", "spark.executor.instances"),
    *("spark.kubernetes.memoryOverheadFactor", "spark.kubernetes.driver.limit.cores", "spark.executor.pyspark.memory"),
]
VALUES = st.sampled_from(["1g", "-Xmx2g", "@file", "true", "0", "0.4", "500m", "${x}", "1e9", ""])
PAIRS = st.one_of(
    st.text(max_size=20), st.tuples(st.sampled_from(KEYS), st.one_of(VALUES, st.text(max_size=9))).map("=".join)
)
FLAGS = ("count_cores", "drivers_apart")
LISTS = ("conf", "people")
TEXTS = [name for name in Options.__dataclass_fields__ if name not in {*FLAGS, *LISTS}]
ANY = st.builds(
    Options,
    **dict.fromkeys(TEXTS, WORDS),
    **dict.fromkeys(FLAGS, st.booleans()),
    **dict.fromkeys(LISTS, st.lists(PAIRS, max_size=3).map(tuple)),
)
#: What is whole, but for what is replaced by anything.
WHOLE = st.tuples(
    st.sampled_from([GLUE, YARN, EKS, STANDALONE, {"worker_type": "m5.4xlarge"}]),
    st.sampled_from([("users", "executors"), ("users", "workers"), ("executors", "workers")]),
    st.dictionaries(st.sampled_from(TEXTS), WORDS, max_size=2),
    st.lists(PAIRS, max_size=2).map(tuple),
).map(lambda drawn: Options(**{**drawn[0], **dict.fromkeys(drawn[1], "3"), **drawn[2], "conf": drawn[3]}))


def said(question, options):
    """Return what comes of a question: an answer, or what is wrong with it."""
    try:
        return question(options)
    except InvalidInput as error:
        return str(error)


@given(st.one_of(ANY, WHOLE))
@settings(max_examples=100, deadline=None)
def test_whatever_is_typed_is_answered_or_told_in_sentences(options):
    found = said(lambda each: answer(read(each)), options)

    if isinstance(found, str):
        assert all(found.splitlines())
    else:
        assert found.to_json()["mode"] == found.asked.mode
        assert all(cell.plan.need.workers <= cell.plan.workers for cell in found.cells if cell.has_room)


@given(ANY)
@settings(max_examples=50, deadline=None)
def test_whatever_is_asked_of_a_policy_is_read_or_told_in_sentences(options):
    found = said(read_policy, options)

    assert all(found.splitlines()) if isinstance(found, str) else 0 < found.at_once <= 1
