"""How large a session is, by the options, and what is larger than any worker."""

from __future__ import annotations

import pytest

from livyguard.capacity.containers import Container
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from tests.unit.capacity.asked import EKS, STANDALONE, YARN, ask, faults

PEOPLE = {"users": "3", "executors": "5"}
BARE = {"worker_memory": "8g"}
ALICE = Identity("alice", "reported", "a test")


def size(**options):
    return ask(**PEOPLE, **options).asked.size


def notes(**options):
    return ask(**PEOPLE, **options).notes


def test_a_session_is_as_large_as_livy_would_be_asked():
    found = size(**YARN, driver_cores="2", executor_cores="4", conf=("spark.executor.memoryOverhead=2g",))

    assert found.driver == Container(5_120, 2)
    assert found.executor == Container(10_240, 4)


def test_an_option_wins_against_conf_as_in_livy_and_the_loser_is_named():
    found = ask(**PEOPLE, **YARN, conf=("spark.executor.memory=2g",))

    assert found.asked.size.executor.memory_mib == 9_216
    assert any("spark.executor.memory is left out" in note for note in found.notes)


def test_sizes_that_nobody_gives_are_sparks_own_and_told():
    assert size(**BARE).executor == Container(2_048, 1)
    assert "Heaps that are not given are Spark's own: driver 1g and executor 1g." in notes(**BARE)
    assert "EMR's spark-defaults.conf has others: give these." in " ".join(notes(worker_type="m5.xlarge"))
    assert not any("Spark's own" in note for note in notes(**YARN))


@pytest.mark.parametrize(
    ("conf", "memory"),
    [
        ((), 8_192 + 1_536),
        (("spark.executor.memoryOverheadFactor=0.1",), 8_192 + 832),
        (("spark.executor.memoryOverhead=1g",), 9_216),
    ],
)
def test_emr_adds_more_to_an_executors_heap_than_apache_spark_unless_told_otherwise(conf, memory):
    found = ask(**PEOPLE, worker_type="m5.4xlarge", executor_memory="8g", conf=conf)

    assert found.asked.size.executor.memory_mib == memory
    assert any("EMR adds 18.75%" in note for note in found.notes) is (conf == ())


def test_an_executor_of_a_standalone_cluster_takes_a_whole_workers_cores_until_told_otherwise():
    assert size(**STANDALONE).executor.cores == 16
    assert any("takes all 16 cores" in note for note in notes(**STANDALONE))
    assert size(**STANDALONE, executor_cores="4").executor.cores == 4


def test_drivers_beside_livy_take_nothing_of_the_workers_and_are_told():
    assert size(**STANDALONE, driver_memory="2g").driver is None
    assert "Drivers run beside Livy and take none of the workers: a heap of 2g each there." in notes(
        **STANDALONE, driver_memory="2g"
    )


@pytest.mark.parametrize(("kind", "overhead"), [(None, 3_276), ("python", 3_276), ("sparkr", 3_276), ("spark", 819)])
def test_python_takes_more_beside_its_heap_on_kubernetes(kind, overhead):
    found = ask(**PEOPLE, **EKS, kind=kind, executor_memory="8g")

    assert found.asked.size.executor.memory_mib == 8_192 + overhead
    assert any("40%" in note for note in found.notes) == (overhead == 3_276)


def test_a_factor_of_ones_own_replaces_that_of_kubernetes():
    found = size(**EKS, executor_memory="8g", conf=("spark.kubernetes.memoryOverheadFactor=0.2",))

    assert found.executor.memory_mib == 8_192 + 1_638


def test_what_makes_no_difference_is_told_without_its_value():
    found = ask(**PEOPLE, **YARN, conf=("spark.hadoop.fs.s3a.secret.key=hush",))

    assert "--conf 'spark.hadoop.fs.s3a.secret.key' makes no difference to the size of a container." in found.notes
    assert "hush" not in str(found.to_json())


OF_KUBERNETES = (
    "spark.kubernetes.executor.request.cores=500m",
    "spark.kubernetes.driver.request.cores=9",
    "spark.kubernetes.executor.limit.cores=1",
    "spark.kubernetes.memoryOverheadFactor=0.5",
)


@pytest.mark.parametrize(
    ("cluster", "where"),
    [
        ({**YARN, "count_cores": True, "executor_cores": "4", "am_share": "1"}, "YARN"),
        ({"worker_type": "m5.4xlarge"}, "YARN"),
        ({"worker_type": "G.1X"}, "Glue"),
        (STANDALONE, "a standalone cluster"),
    ],
)
@pytest.mark.parametrize("text", OF_KUBERNETES)
def test_what_kubernetes_alone_reads_makes_no_difference_elsewhere_and_is_told(cluster, where, text):
    bare, found = ask(**PEOPLE, **cluster), ask(**PEOPLE, **cluster, conf=(text,))
    key = text.partition("=")[0]

    assert found.asked.size == bare.asked.size
    assert found.cells == bare.cells
    assert found.policy == bare.policy
    assert f"--conf '{key}' makes no difference on {where}: Kubernetes alone reads it." in found.notes


def test_a_part_of_a_core_that_kubernetes_would_reserve_spares_yarn_no_worker():
    nodes = {"worker_memory": "12g", "worker_cores": "4", "count_cores": True, "am_share": "1"}
    cores = {"driver_cores": "2", "executor_cores": "4"}
    found = ask(users="2", executors="8", **nodes, **cores, conf=("spark.kubernetes.executor.request.cores=500m",))

    assert found.cells[0].plan.workers == 18


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"driver_memory": "abc"}, "--driver-memory: 'abc' is not a size that Spark reads, such as 512m or 8g."),
        ({"driver_memory": ""}, "--driver-memory: it is empty."),
        ({"executor_memory": "1.5g"}, "--executor-memory: '1.5g' is not a size that Spark reads, such as 512m or 8g."),
        ({"executor_memory": "0"}, "--executor-memory: Spark starts only with 1 or more here, not with '0'."),
        ({"executor_memory": "449m"}, "--executor-memory: Spark starts only with a heap of 450m or more."),
        ({"conf": ("spark.driver.memory=1m",)}, "--driver-memory: Spark starts only with a heap of 450m or more."),
        ({"executor_cores": "0"}, "--executor-cores: Spark starts only with 1 or more here, not with '0'."),
        ({"executor_cores": "two"}, "--executor-cores: 'two' is no whole number that Spark reads."),
        ({"conf": ("x",)}, "--conf: 'x' is no KEY=VALUE, such as spark.executor.memoryOverhead=2g."),
        ({"conf": ("=2",)}, "--conf: '=2' is no KEY=VALUE, such as spark.executor.memoryOverhead=2g."),
        (
            {"conf": ("spark.executor.memoryOverhead=x",)},
            "--conf spark.executor.memoryOverhead: 'x' is not a size that Spark reads, such as 512m or 8g.",
        ),
        (
            {"conf": ("spark.executor.memoryOverheadFactor=-1",)},
            "--conf 'spark.executor.memoryOverheadFactor': Spark starts only with 0 or more here, not with '-1'.",
        ),
        (
            {"conf": ("spark.executor.memory=${size}",)},
            "--executor-memory: Spark puts something in place of ${…} only when it starts.",
        ),
        (
            {"conf": ("spark.dynamicAllocation.maxExecutors=9",)},
            "--conf spark.dynamicAllocation.maxExecutors is what --executors says; give it there alone.",
        ),
        ({"kind": "julia"}, "--kind: 'julia' is none that Livy knows: pyspark, spark, sparkr, sql, shared."),
    ],
)
def test_what_spark_cannot_read_is_told(options, said):
    assert faults(**PEOPLE, **BARE, **options) == [said]


@pytest.mark.parametrize(
    "conf",
    [
        "spark.cores.max=8",
        "spark.streaming.dynamicAllocation.enabled=true",
        "spark.streaming.dynamicAllocation.maxExecutors=9",
        "spark.executorEnv.SPARK_EXECUTOR_INSTANCES=9",
        "spark.yarn.appMasterEnv.SPARK_EXECUTOR_INSTANCES=9",
    ],
)
def test_another_door_to_executors_is_refused_as_their_own_keys_are(conf):
    key = conf.partition("=")[0]

    assert faults(**PEOPLE, **BARE, conf=(conf,)) == [
        f"--conf '{key}' is what --executors says; give it there alone.",
    ]


LIMIT, REQUEST = "spark.kubernetes.{}.limit.cores={}", "spark.kubernetes.{}.request.cores={}"


@pytest.mark.parametrize(
    ("options", "conf", "said"),
    [
        ({"executor_cores": "4"}, LIMIT.format("executor", "3"), "3 cores, and an executor asks for 4 cores"),
        ({"driver_cores": "2"}, LIMIT.format("driver", "1500m"), "1.5 cores, and a driver asks for 2 cores"),
        ({}, LIMIT.format("executor", "500m"), "0.5 cores, and an executor asks for 1 core"),
        (
            {"conf": (REQUEST.format("executor", "5"),), "executor_cores": "4"},
            LIMIT.format("executor", "4"),
            "4 cores, and an executor asks for 5 cores",
        ),
    ],
)
def test_a_limit_below_what_a_pod_asks_for_is_refused_on_kubernetes_in_one_sentence(options, conf, said):
    options = {**options, "conf": (*options.get("conf", ()), conf)}

    assert faults(**PEOPLE, **EKS, **options) == [
        f"--conf '{conf.partition('=')[0]}': it is {said}: Kubernetes starts no pod that asks for more than its limit."
    ]


@pytest.mark.parametrize(
    "conf", [(LIMIT.format("executor", "4"),), (LIMIT.format("executor", "3"), REQUEST.format("executor", "2500m"))]
)
def test_a_limit_that_holds_what_a_pod_asks_for_is_planned_with(conf):
    found = ask(**PEOPLE, **EKS, executor_cores="4", conf=conf)

    assert found.session_configs["conf"]["spark.kubernetes.executor.limit.cores"] == conf[0].partition("=")[2]
    assert judge(parse(found.policy, source="pasted"), ALICE, found.session_configs).verdict == "allow"


def test_a_limit_of_cores_that_is_none_is_told():
    (said,) = faults(**PEOPLE, **EKS, conf=(LIMIT.format("executor", "many"),))

    assert said == ("--conf 'spark.kubernetes.executor.limit.cores': 'many' is no number of cores such as 2 or 500m.")


def test_java_options_that_nobody_can_read_are_told():
    (said,) = faults(**PEOPLE, **BARE, conf=("spark.driver.extraJavaOptions=@options.txt",))

    assert "spark.driver.extraJavaOptions" in said


def test_java_options_that_say_nothing_of_a_size_are_let_be():
    assert size(**BARE, conf=("spark.driver.extraJavaOptions=-Dx=y",)).driver.memory_mib == 2_048


def test_what_is_larger_than_a_worker_is_told_with_both_sizes_and_the_largest_heap_that_fits():
    fits = "and a worker offers 8g: the largest heap that fits is 7448m."

    assert faults(**PEOPLE, **BARE, driver_memory="9g", executor_memory="30g") == [
        f"A driver takes 10g (a heap of 9g and 921m of overhead, rounded up to multiples of 1g), {fits}",
        f"An executor takes 33g (a heap of 30g and 3g of overhead), {fits}",
    ]


@pytest.mark.parametrize("manager", ["yarn", "kubernetes", "standalone"])
def test_the_largest_heap_that_is_told_fits_and_one_more_does_not(manager):
    cluster = {"manager": manager, "worker_memory": "8g", "worker_cores": "4"}
    said = faults(**PEOPLE, **cluster, executor_memory="1t")[0]
    largest = said.rpartition("is ")[2].rstrip(".")

    most = int(largest.removesuffix("m")) if largest.endswith("m") else int(largest.removesuffix("g")) * 1_024
    assert ask(**PEOPLE, **cluster, executor_memory=f"{most}m").asked.size.executor.memory_mib <= 8_192
    assert faults(**PEOPLE, **cluster, executor_memory=f"{most + 1}m")


def test_an_overhead_that_leaves_no_heap_is_told():
    (said,) = faults(**PEOPLE, **BARE, conf=("spark.executor.memoryOverhead=9g",))

    assert said == (
        "An executor takes 10g (a heap of 1g and 9g of overhead), and a worker offers 8g: "
        "no heap with which Spark starts, 450m or more, fits beside that overhead."
    )


def test_a_size_without_overhead_is_told_alone():
    (said,) = faults(**PEOPLE, **STANDALONE, executor_memory="65g")

    assert said == "An executor takes 65g, and a worker offers 64g: the largest heap that fits is 64g."


def test_the_least_heap_with_which_spark_starts_is_planned_with():
    assert size(**BARE, executor_memory="450m").executor.memory_mib == 1_024


def test_yarns_own_master_may_be_small():
    assert size(**BARE, deploy_mode="client", conf=("spark.yarn.am.memory=100m",)).driver.memory_mib == 1_024


def test_yarns_own_master_is_told_by_its_name_where_drivers_run_beside_livy():
    (said,) = faults(**PEOPLE, **BARE, deploy_mode="client", conf=("spark.yarn.am.memory=9g",))

    assert said.startswith("YARN's application master takes 10g (a heap of 9g and 921m of overhead, rounded")


def test_more_cores_than_a_worker_has_are_told_where_they_are_counted():
    said = ["An executor asks for 16 cores, and a worker offers 15.5 cores."]

    assert faults(**PEOPLE, **EKS, executor_cores="16") == said
    assert ask(**PEOPLE, **YARN, executor_cores="17").cells[0].plan.workers


def test_what_rounding_adds_is_told_apart_from_overhead_and_one_core_is_one():
    (said,) = faults(users="1", executors="1", worker_memory="8g", minimum_allocation="20g", deploy_mode="client")[1:]
    cores = faults(**PEOPLE, manager="kubernetes", worker_memory="8g", worker_cores="0.5")

    assert said == (
        "An executor takes 20g (a heap of 1g and 384m of overhead, rounded up to multiples of 20g), and a worker "
        "offers 8g: nothing fits, since YARN rounds every container up to 20g (--minimum-allocation)."
    )
    assert "An executor asks for 1 core, and a worker offers 0.5 cores." in cores


def test_a_slip_of_one_of_sparks_keys_is_asked_about():
    found = notes(**YARN, conf=("spark.exeutor.memoryOverhead=1g",))

    assert (
        "--conf 'spark.exeutor.memoryOverhead' makes no difference to the size of a container; "
        "did you mean spark.executor.memoryOverhead?"
    ) in found


def test_a_faulty_size_does_not_hide_another_that_is_too_large():
    assert len(faults(**PEOPLE, **BARE, driver_memory="abc", executor_memory="30g")) == 2


GLUE = {"worker_type": "G.1X"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"executor_memory": "11g"}, "--executor-memory: 11g is more than a container on a G.1X worker has, 10g."),
        ({"driver_memory": "1t"}, "--driver-memory: 1t is more than a container on a G.1X worker has, 10g."),
        ({"driver_cores": "9"}, "--driver-cores: 9 is more than a container on a G.1X worker has, 8."),
        ({"executor_cores": "9"}, "--executor-cores: 9 is more than a container on a G.1X worker has, 8."),
        (
            {"worker_type": "G.4X", "executor_memory": "65g"},
            "--executor-memory: 65g is more than a whole G.4X worker has, 64g.",
        ),
    ],
)
def test_glue_has_no_container_larger_than_its_type_says(options, said):
    assert faults(**{**PEOPLE, **GLUE, **options}) == [said]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"executor_memory": "4g"}, "On Glue a container takes a whole worker, however small it is"),
        ({"executor_cores": "4"}, "On Glue a container takes a whole worker, however small it is"),
        ({"worker_type": "Standard", "driver_memory": "1g"}, "On Glue a container takes one of the 2 places"),
    ],
)
def test_a_smaller_container_takes_as_much_of_glue_and_is_told(options, said):
    found = ask(**{**PEOPLE, **GLUE, **options})

    assert (
        found.cells[0].plan.workers
        == ask(**{**PEOPLE, **GLUE, "worker_type": found.asked.worker_type}).cells[0].plan.workers
    )
    assert any(note.startswith(said) for note in found.notes)


def test_the_size_that_a_type_has_is_nothing_to_tell():
    assert notes(**GLUE, executor_memory="10g", executor_cores="8", driver_memory="10g") == ()


def test_of_types_that_aws_does_not_describe_no_size_is_told():
    found = ask(**PEOPLE, worker_type="G.4X").to_json()

    assert (found["driver"], found["executor"], found["held"]) == (None, None, None)
    assert found["workers"] == 18


def test_a_size_that_is_given_is_told_also_where_aws_does_not_describe_the_type():
    one = ask(**PEOPLE, worker_type="R.8X", executor_memory="200g").to_json()
    both = ask(**PEOPLE, worker_type="R.8X", executor_memory="200g", driver_memory="10g", executor_cores="30").to_json()

    assert (one["driver"], one["held"]) == (None, None)
    assert one["executor"] == {"memory_mib": 220 * 1_024, "cores": None}
    assert both["executor"]["cores"] == 30
    assert both["held"] == {"memory_mib": (3 * 11 + 15 * 220) * 1_024, "cores": None}
