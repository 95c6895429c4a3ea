"""Which cluster the options mean, and where they contradict each other."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.unit.capacity.asked import EKS, STANDALONE, YARN, ask, faults

PEOPLE = {"users": "3", "executors": "5"}
SAY = (
    "Say what the workers are: --worker-type G.1X (Glue) or m5.4xlarge (EMR), or what one offers to containers, "
    "--worker-memory 56g --worker-cores 16."
)
UNKNOWN = (
    "--worker-type: 'Z.9' is no worker type that livyguard knows; Glue has Standard, G.1X, G.2X, G.025X, "
    "G.4X, G.8X, G.12X, G.16X, R.1X, R.2X, R.4X, R.8X; of EMR m5.4xlarge and the like."
)
CLASH = (
    "--worker-memory and --worker-cores and --worker-type contradict each other: the type says what a worker offers."
)


def site(**options):
    return ask(**PEOPLE, **options).asked.site


@pytest.mark.parametrize(
    ("options", "manager"),
    [
        ({"worker_type": "G.2X"}, "glue"),
        ({"worker_type": "m5.xlarge"}, "yarn"),
        (YARN, "yarn"),
        (EKS, "kubernetes"),
        (STANDALONE, "standalone"),
        ({"manager": "glue", "worker_type": "Standard"}, "glue"),
    ],
)
def test_the_manager_is_told_or_follows_from_the_workers(options, manager):
    assert site(**options).manager == manager


def test_a_node_of_emr_offers_what_aws_says_in_steps_of_its_own():
    found = site(worker_type="m5.4xlarge")

    assert (found.offered.memory_mib, found.offered.cores, found.step) == (57_344, 16, 32)
    assert not found.counts_cores


def test_yarn_has_its_own_defaults_until_told_otherwise():
    usual = site(**YARN)
    told = site(
        **YARN, minimum_allocation="512m", am_share="50%", queue_share="0.4", count_cores=True, deploy_mode="client"
    )

    assert (usual.step, usual.am_share, usual.queue_share, usual.counts_cores) == (1_024, Fraction(1, 10), 1, False)
    assert (told.step, told.am_share, told.queue_share) == (512, Fraction(1, 2), Fraction(2, 5))
    assert told.counts_cores
    assert told.deploy_mode == "client"


def test_a_share_of_one_for_drivers_is_no_limit():
    assert site(**YARN, am_share="1").am_share is None


def test_what_daemons_take_of_a_node_is_taken_off():
    found = site(**EKS, reserved_memory="2g", reserved_cores="500m")

    assert (found.offered.memory_mib, found.offered.cores) == (60 * 1024, 15)


@pytest.mark.parametrize(
    ("typed", "mib"), [("15080868Ki", 14_727), ("15080868k", 14_727), ("56Gi", 57_344), ("9GI", 9_216), ("2Ti", 2**21)]
)  # fmt: skip
def test_a_nodes_memory_is_read_as_kubectl_prints_it(typed, mib):
    assert site(**{**EKS, "worker_memory": typed}).offered.memory_mib == mib


@pytest.mark.parametrize(("typed", "mib"), [("1500Ki", 2), ("1024Ki", 1), ("700Mi", 700), ("512", 512), ("0", 0)])
def test_what_is_reserved_is_rounded_up_and_may_be_nothing(typed, mib):
    found = site(**EKS, reserved_memory=typed, reserved_cores="0")

    assert (found.offered.memory_mib, found.offered.cores) == (62 * 1024 - mib, Fraction(31, 2))


def test_drivers_of_a_standalone_cluster_run_beside_livy_until_told_otherwise():
    assert site(**STANDALONE).deploy_mode == "client"
    assert site(**STANDALONE, deploy_mode="cluster").deploy_mode == "cluster"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {},
            [SAY],
        ),
        ({"worker_type": "G.1X", "worker_memory": "9g", "worker_cores": "4"}, [CLASH]),
        ({"worker_type": "m5.xlarge", "worker_memory": "9g", "worker_cores": "4"}, [CLASH]),
        (
            {"worker_type": "G.1X", "manager": "yarn"},
            ["--worker-type G.1X is one of Glue's, and --manager says yarn."],
        ),
        (
            {"worker_type": "m5.xlarge", "manager": "kubernetes"},
            ["--worker-type m5.xlarge is one of EMR's on YARN, and --manager says kubernetes."],
        ),
        ({"manager": "glue"}, ["--manager glue: say the --worker-type, such as G.1X."]),
        (
            {"manager": "glue", "worker_memory": "9g"},
            [
                "--worker-memory has no meaning on Glue.",
                "--manager glue: say the --worker-type, such as G.1X.",
            ],
        ),
        ({"manager": "yarm", **YARN}, ["--manager: 'yarm' is none; did you mean yarn?"]),
        (
            {"manager": "mesos", **YARN},
            ["--manager: 'mesos' is none; it is one of glue, yarn, kubernetes, standalone."],
        ),
        (
            {"worker_type": "Z.9"},
            [UNKNOWN],
        ),
        (
            {"worker_type": "m5.4xlarg"},
            ["--worker-type: 'm5.4xlarg' is no worker type that livyguard knows; did you mean m5.4xlarge?"],
        ),
        (
            {"worker_type": "m7i.4xlarge"},
            ["--worker-type: livyguard has no figures for 'm7i.4xlarge'; give --worker-memory instead."],
        ),
        ({"worker_type": "G.1X", "count_cores": True}, ["--count-cores has no meaning on Glue."]),
        ({"worker_type": "G.1X", "deploy_mode": "client"}, ["--deploy-mode has no meaning on Glue."]),
        ({**EKS, "count_cores": True}, ["--count-cores has no meaning on Kubernetes."]),
        ({**STANDALONE, "am_share": "0.5"}, ["--am-share has no meaning on a standalone cluster."]),
        ({**YARN, "reserved_memory": "1g"}, ["--reserved-memory has no meaning on YARN."]),
        ({"manager": "yarn"}, ["Say what one worker offers: --worker-memory."]),
        ({"worker_memory": "9g", "count_cores": True}, ["Say what one worker offers: --worker-cores."]),
        ({"manager": "kubernetes"}, ["Say what one worker offers: --worker-memory and --worker-cores."]),
        ({**YARN, "worker_memory": "x"}, ["--worker-memory: 'x' is not a size that Spark reads, such as 512m or 8g."]),
        (
            {**EKS, "worker_memory": "56Xi"},
            ["--worker-memory: '56Xi' is not a size that Spark reads, such as 512m or 8g."],
        ),
        ({**YARN, "worker_memory": "0"}, ["--worker-memory: it takes more than 0, not '0'."]),
        ({**YARN, "worker_memory": "1p"}, ["--worker-memory: no machine has more than 64t, not '1p'."]),
        ({**YARN, "worker_cores": "1.5"}, ["--worker-cores: '1.5' is no whole number that Spark reads."]),
        ({**EKS, "worker_cores": "200000"}, ["--worker-cores: no machine has more than 100000, not '200000'."]),
        ({**EKS, "reserved_memory": "62g"}, ["--reserved-memory and --reserved-cores leave nothing of a worker."]),
        ({**EKS, "reserved_cores": "16"}, ["--reserved-memory and --reserved-cores leave nothing of a worker."]),
        ({**YARN, "deploy_mode": "local"}, ["--deploy-mode: cluster or client, not 'local'."]),
        (
            {**STANDALONE, "drivers_apart": True},
            ["--drivers-apart contradicts --deploy-mode client: there drivers run beside Livy."],
        ),
    ],
)
def test_what_cannot_be_meant_is_told(options, said):
    assert faults(**PEOPLE, **options) == said


def test_cores_that_yarn_does_not_look_at_are_told():
    counted = ask(**PEOPLE, **YARN, count_cores=True)
    not_counted = ask(**PEOPLE, **YARN)

    told = "Cores are not counted: YARN looks at memory alone unless --count-cores says otherwise."
    assert told in not_counted.notes
    assert told not in counted.notes
