"""Kubernetes' own words, as Livy, Spark, kubectl and livyguard's adapter pass them on: what they mean, and when not."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.catalog.kubernetes_pods import mebibytes, quantity
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.memory import heap_in
from livyguard.hints.reading import read

#: How Livy 0.9 shows a driver's pod: SparkKubernetesApp.scala, buildSparkPodDiagnosticsPrettyString.
LIVYS = """Kubernetes Diagnostics:
livy-session-7-432c09f7-driver.spark:
\tnode: null
\tphase: Pending
\tcontainers:
\t\tspark-kubernetes-driver:
\t\t\timage: registry.example.com/spark-py:3.5.4
\t\t\trequests: cpu=1, memory=90112Mi
\t\t\tlimits: memory=90112Mi
\tconditions:
\t\tPodCondition(lastProbeTime=null, lastTransitionTime=2026-11-20T11:00:00Z, message=0/3 nodes are available: \
1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient memory. preemption: 0/3 \
nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod., \
reason=Unschedulable, status=False, type=PodScheduled, additionalProperties={})"""
FAILED = "Warning  FailedScheduling  default-scheduler  0/3 nodes are available: 3 Insufficient memory."
PULL = (
    'Warning  Failed  kubelet  Failed to pull image "registry.example.com/spark:9": rpc error: code = Unknown desc = '
)
QUOTA = 'pods "livy-session-7-432c-{}" is forbidden: exceeded quota: team, requested: {}, used: {}, limited: {}.'


def hints(*lines):
    return diagnose(read("\n".join(lines)))


def codes(*lines):
    return [hint.code for hint in hints(*lines)]


def cells(hint, applicability):
    return [
        json.loads(fix.cell.partition("\n")[2])
        for fix in hint.fixes
        if fix.cell and fix.cell.startswith("%%configure") and fix.applicability == applicability
    ]


def commands(hint):
    return [fix.command for fix in hint.fixes if fix.command and fix.applicability == "review"]


# LG401


def test_livys_diagnostics_name_the_pod_its_size_and_why_each_node_does_not_take_it():
    (hint,) = hints(LIVYS)

    assert hint.code == "LG401"
    assert hint.title == "The session did not start: no node takes its driver"
    assert "None of the 3 nodes takes it: 1 with a taint that it does not tolerate" in hint.cause
    assert "(node-role.kubernetes.io/control-plane), 2 with too little memory left." in hint.cause
    assert "The driver asks for 90,112 MiB, its overhead included." in hint.cause
    assert "kubectl describe pod livy-session-7-432c09f7-driver --namespace spark" in commands(hint)
    assert cells(hint, "review") == [{"driverMemory": "40960m"}]
    assert {fact.source for fact in hint.evidence} == {"Kubernetes"}


def test_half_of_what_was_asked_for_is_what_the_cell_asks_kubernetes_for():
    (hint,) = hints(LIVYS)

    heap = mebibytes(f"{cells(hint, 'review')[0]['driverMemory'][:-1]}Mi")
    assert heap + max(384, heap // 10) == 90112 // 2


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("3 Insufficient cpu.", "3 with too few cores left."),
        ("3 Insufficient ephemeral-storage.", "3 with too little disk left."),
        ("3 Insufficient nvidia.com/gpu.", "3 with no nvidia.com/gpu left."),
        ("3 Too many pods.", "3 with no room for another pod."),
        ("3 Insufficient pods.", "3 with no room for another pod."),
        ("3 node(s) had taint {spot: true}, that the pod didn't tolerate.", "taint that it does not tolerate (spot)."),
        ("3 node(s) had untolerated taint(s).", "3 with a taint that it does not tolerate."),
        ("3 node(s) didn't match Pod's node affinity/selector.", "3 that its selector or affinity leaves out."),
        ("3 node(s) didn't match node selector.", "3 that its selector leaves out."),
        ("3 node(s) didn't match pod topology spread constraints.", "break its spread over nodes or zones."),
        ("3 node(s) didn't match pod anti-affinity rules.", "3 with a pod that it must not be beside."),
        ("3 node(s) didn't match pod affinity rules.", "3 without the pod that it must be beside."),
        ("3 node(s) had volume node affinity conflict.", "3 that cannot reach its volume."),
        ("3 node(s) were unschedulable.", "3 closed to new pods."),
        ("3 node(s) didn't have free ports for the requested pod ports.", "3 that didn't have free ports for"),
    ],
)
def test_each_of_the_schedulers_reasons_is_told_apart(words, meaning):
    (hint,) = hints(f"0/3 nodes are available: {words}")

    assert hint.code == "LG401"
    assert meaning in hint.cause


def test_what_no_smaller_request_mends_is_the_operators():
    (hint,) = hints("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.")

    assert cells(hint, "review") == []
    assert "It waits until the operator acts." in hint.cause
    assert any(command.startswith("kubectl get nodes ") for command in commands(hint))
    assert [fix.applicability for fix in hint.fixes if fix.label.startswith("For the operator")] == ["manual"]


def test_a_resource_that_no_setting_of_ours_names_gets_no_cell():
    (hint,) = hints("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.")

    assert cells(hint, "review") == []


@pytest.mark.parametrize("words", ["no nodes available to schedule pods", "0/3 nodes are available: a reason of 2031."])
def test_a_cluster_without_nodes_or_a_reason_that_is_new_is_told_without_figures(words):
    (hint,) = hints(words)

    assert hint.code == "LG401"
    assert hint.cause.startswith("Kubernetes has no node that the pod could run on.")


def test_where_nothing_says_whose_pod_it_is_both_are_made_smaller():
    (hint,) = hints("0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.")

    assert hint.title == "The session did not start: no node takes its pod"
    assert cells(hint, "review") == [
        {"driverMemory": "1024m", "driverCores": 1, "executorMemory": "1024m", "executorCores": 1}
    ]
    assert any("--selector spark-role " in command for command in commands(hint))


def test_an_executor_that_no_node_takes_is_told_from_a_driver():
    (hint,) = hints("Name:   livy-session-3-c3bfa2-exec-4", "Namespace:  spark", FAILED)

    assert hint.title == "The session gets no more executors: no node takes one"
    assert cells(hint, "review") == [{"executorMemory": "1024m"}]
    assert "kubectl describe pod livy-session-3-c3bfa2-exec-4 --namespace spark" in commands(hint)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("spark-432c09f701f5 Pending in queue spark: Unschedulable: {}", "driver"),
        ("spark-432c09f701f5 Running in queue spark: 2 executors wait for a node: Unschedulable: {}", "executor"),
    ],
)
def test_whose_pod_it_is_is_read_from_livyguards_own_words_too(line, what):
    (hint,) = diagnose(Case(resource_manager=(line.format("0/3 nodes are available: 3 Insufficient memory."),)))

    assert cells(hint, "review") == [{f"{what}Memory": "1024m"}]


def test_a_small_request_is_halved_no_further_than_to_what_spark_starts_with():
    text = "Name: a-driver\n    Requests:\n      cpu:      1\n      memory:   1408Mi\n"
    (hint,) = hints(text, FAILED)

    assert "asks for 1,408 MiB" in hint.cause
    assert cells(hint, "review") == [{"driverMemory": "512m"}]


def test_an_autoscaler_that_adds_no_node_is_quoted():
    no = "Normal  NotTriggerScaleUp  cluster-autoscaler  pod didn't trigger scale-up: 1 max node group size reached"
    (hint,) = hints(FAILED, no)

    assert [fact.text for fact in hint.evidence][1:] == [" ".join(no.split())]


GROWS = "Normal  TriggeredScaleUp  cluster-autoscaler  pod triggered scale-up: [{spot 1->2 (max: 3)}]"
GROWS_NOT = "Normal  NotTriggerScaleUp  cluster-autoscaler  pod didn't trigger scale-up: 1 max node group size reached"
AN_EXECUTOR = "Name:   livy-session-3-c3bfa2-exec-4"


@pytest.mark.parametrize(
    ("lines", "then"),
    [
        ((FAILED, GROWS), "then start again"),
        ((GROWS, FAILED), "then start again"),
        (("Name: a-driver", "Namespace: spark", FAILED, GROWS), "then start again"),
        ((AN_EXECUTOR, FAILED, GROWS), "the session then gets its executors by itself"),
        ((FAILED, GROWS_NOT, GROWS), "then start again"),
    ],
)
def test_a_node_that_is_being_added_is_waited_for_before_anything_else(lines, then):
    (hint,) = hints(*lines)

    assert "The autoscaler is adding a node, for which it waits." in hint.cause
    assert hint.fixes[0].label.startswith(f"Wait for the node that is being added, a minute or two; {then}.")
    assert hint.fixes[0].command.endswith(" --watch")
    assert [fact.text for fact in hint.evidence][1:] == [" ".join(GROWS.split())]


def test_a_node_for_another_pod_or_one_that_does_not_come_after_all_is_not_waited_for():
    another = ("Name: b-driver", GROWS, "Name: a-driver", FAILED)

    for lines in (another, (FAILED, GROWS, GROWS_NOT)):
        (hint,) = hints(*lines)
        assert "It waits until a session ends or a node is added" in hint.cause
        assert not hint.fixes[0].label.startswith("Wait")


def table(*rows):
    return [f"{age:<12}{kind:<9}{reason:<19}{subject:<34}{said}" for age, kind, reason, subject, said in rows]


DRIVER = "pod/livy-session-1-abc-driver"
WAITS = ("Warning", "FailedScheduling", DRIVER, "0/3 nodes are available: 3 Insufficient memory")
BACKOFF = "pod didn't trigger scale-up: 1 in backoff after failed scale-up"


def comes(age, subject=DRIVER):
    return age, "Normal", "TriggeredScaleUp", subject, "pod triggered scale-up: [{asg-web 1->2 (max: 5)}]"


def comes_not(age, subject=DRIVER):
    return age, "Normal", "NotTriggerScaleUp", subject, BACKOFF


@pytest.mark.parametrize(
    ("lines", "is_growing"),
    [
        # Whose node it is, the event's own line tells first, then what is described.
        (table(comes("3m"), ("10s", *WAITS)), True),
        (table(comes("3m", "pod/web-5d4f"), ("10s", *WAITS)), False),
        (table(("10s", *WAITS), comes("3m", "pod/web-5d4f")), False),
        (["pod web-5d4f: TriggeredScaleUp: pod triggered scale-up: [{a 1->2}]", *table(("10s", *WAITS))], False),
        (["Name:   web-5d4f", GROWS, *table(("10s", *WAITS))], False),
        (["Name:   a-driver", FAILED, "Name:   web-5d4f", GROWS], False),
        (table(comes("3m"), comes_not("2m", "pod/web-5d4f"), ("10s", *WAITS)), True),
        (["Name:   a-driver", FAILED, "Normal  Other  kubelet  x" * 200, GROWS], True),
        # A node that was asked for long ago does not come any more.
        (table(comes("45m"), ("10s (x90 over 46m)", *WAITS)), False),
        (table(comes("16m"), ("10s", *WAITS)), False),
        (table(comes("15m (x2 over 40m)"), ("10s", *WAITS)), True),
        (table(comes("45m"), comes("2m"), ("10s", *WAITS)), True),
        (table(comes("2m"), comes("45m"), ("10s", *WAITS)), True),
        # What was taken back, whichever stands first.
        (table(comes_not("1m"), comes("5m"), ("10s", *WAITS)), False),
        (table(comes("5m"), comes_not("1m"), ("10s", *WAITS)), False),
        (table(comes("1m"), comes_not("5m"), ("10s", *WAITS)), True),
        (table(comes_not("5m"), comes("1m"), ("10s", *WAITS)), True),
        (table(comes("5m"), comes_not("5m"), ("10s", *WAITS)), False),
    ],
)
def test_a_node_is_on_its_way_where_it_was_asked_for_lately_for_this_pod_and_not_taken_back(lines, is_growing):
    (hint,) = hints(*lines)

    assert ("The autoscaler is adding a node" in hint.cause) is is_growing
    assert hint.fixes[0].label.startswith("Wait for the node that is being added") is is_growing


def test_that_no_node_comes_is_quoted_where_it_stands_first_too():
    (hint,) = hints(*table(comes_not("1m"), ("10s", *WAITS), comes("45m")))

    assert [BACKOFF in fact.text for fact in hint.evidence] == [False, True]


def test_whose_start_waits_without_a_pods_name_is_told_the_node_that_comes():
    line = "spark-432c09f701f5 Pending in queue spark: Unschedulable: 0/3 nodes are available: 3 Insufficient memory."
    (hint,) = diagnose(Case(resource_manager=(line, GROWS)))

    assert "The autoscaler is adding a node" in hint.cause


@pytest.mark.parametrize(
    ("lacks", "memory", "is_half"),
    [("cpu", "8Gi", False), ("memory", "896Mi", False), ("memory", "8Gi", True)],
)
def test_half_is_what_a_cell_says_it_asks_for_only_where_it_does(lacks, memory, is_half):
    asks = f"Name: a-driver\n    Requests:\n      cpu:      4\n      memory:   {memory}\n"
    (hint,) = hints(asks, f"0/3 nodes are available: 2 Insufficient {lacks}, 1 Insufficient cpu.")

    (fix,) = [fix for fix in hint.fixes if fix.cell and "driverCores" in fix.cell]
    assert ("driverMemory" in fix.cell, "half" in fix.label) == (is_half, is_half)


def test_a_start_that_waits_for_a_node_goes_on_by_itself():
    (hint,) = diagnose(Case(log=(FAILED, GROWS), session_id=7, waited=12))

    assert "; the start then goes on by itself." in hint.fixes[0].label


def test_half_of_the_least_that_starts_is_not_less():
    (hint,) = hints("Name: a-driver\n    Requests:\n      cpu:      1\n      memory:   896Mi\n", FAILED)

    assert cells(hint, "review") == []


@pytest.mark.parametrize(
    "after",
    [
        # https://github.com/os-climate/os_c_data_commons/issues/170, 2022-05-02
        "2022-05-02T00:33:59.912858Z [Normal] Successfully assigned odh-jupyterhub/nb to ip-10-0-252-130.ec2.internal",
        "\t phase: Running",
        "PodCondition(lastProbeTime=null, message=null, reason=null, status=True, type=PodScheduled)",
    ],
)
def test_a_wait_that_ended_on_a_node_is_no_failure(after):
    assert codes(FAILED, after) == []


def test_another_pods_node_does_not_end_the_wait_of_this_one():
    driver = "Normal  Scheduled  Successfully assigned spark/livy-session-7-432c09f7-driver to node-1"
    executor = "Normal  Scheduled  Successfully assigned spark/livy-session-7-432c09f7-exec-1 to node-1"

    assert codes(LIVYS, executor) == ["LG401"]
    assert codes(LIVYS, driver) == []


def test_a_start_that_ran_out_of_time_is_explained_by_the_scheduler_and_not_by_the_clock():
    assert codes("Session 7 did not start up in 60 seconds.", LIVYS) == ["LG401"]


def test_a_session_that_still_waits_is_not_said_to_have_failed():
    (hint,) = diagnose(Case(log=tuple(LIVYS.splitlines()), session_id=7, waited=12))

    assert hint.title == "Session 7 waits: no node takes its driver"


def test_a_session_that_died_is_explained_by_the_scheduler():
    (hint,) = hints("Session 7 unexpectedly reached final status 'dead'. See logs:", LIVYS)

    assert hint.code == "LG401"
    assert hint.title.startswith("Session 7 ")


@pytest.mark.parametrize(
    ("words", "is_told_of_slowness"),
    [
        # SparkKubernetesApp.scala of Livy 0.9.0, and its monitoring of late applications.
        ("No Kubernetes application is found with tag livy-session-7-x in 600 seconds. This may be because 1)", True),
        ("No KUBERNETES application is found with tag livy-session-7-x. This may be because 1)", True),
        ("Failed to submit Kubernetes application with tag livy-session-7-x. 'spark-submit' exited with", False),
    ],
)
def test_a_session_that_never_reached_kubernetes_is_told_so_unless_something_says_why(words, is_told_of_slowness):
    (hint,) = hints(words)

    assert hint.code == "LG206"
    assert hint.title.endswith("did not start: it never reached Kubernetes")
    assert ("overloaded" in hint.cause) is is_told_of_slowness
    assert codes(words, 'serviceaccount "spark" not found') == ["LG404"]


# LG402


@pytest.mark.parametrize(
    ("why", "meaning"),
    [
        # https://github.com/aws/amazon-vpc-cni-k8s/issues/708, 2019-11-07
        (
            "Error response from daemon: Get https://x/manifests/v1.5.3: no basic auth credentials",
            "not let the node in",
        ),
        ("failed to resolve reference: unexpected status code: 403 Forbidden", "does not let the node in"),
        ("Error response from daemon: manifest unknown", "no such image, or none with this tag"),
        ("dial tcp: lookup registry.example.com: no such host", "does not reach the registry"),
        ("toomanyrequests: You have reached your pull rate limit", "no more pulls for now"),
        ("something of 2031", "its events say"),
    ],
)
def test_why_the_registry_gives_no_image_is_told_apart(why, meaning):
    (hint,) = hints(PULL + why, "Warning  Failed  kubelet  Error: ErrImagePull")

    assert hint.code == "LG402"
    assert "the image registry.example.com/spark:9" in hint.title
    assert meaning in hint.cause


def test_an_image_of_ecr_can_be_asked_for_there():
    image = "602401143452.dkr.ecr.eu-west-1.amazonaws.com/spark/py:3.5"
    (hint,) = hints(f'Back-off pulling image "{image}"')

    assert (
        "aws ecr describe-images --region eu-west-1 --registry-id 602401143452 --repository-name spark/py "
        "--image-ids imageTag=3.5"
    ) in commands(hint)


def test_a_name_that_is_no_shell_word_stands_in_no_command():
    (hint,) = hints('Back-off pulling image "602401143452.dkr.ecr.eu-west-1.amazonaws.com/a;reboot:3"')

    assert not any("reboot" in command for command in commands(hint))


def test_a_spark_log_that_names_the_reason_alone_is_enough():
    (hint,) = hints("\t pod name: a-exec-3", "\t pending reason: ImagePullBackOff")

    assert hint.title == "The session gets no more executors: a node cannot get its image"


@pytest.mark.parametrize(
    "after",
    [
        'Normal  Pulled  kubelet  Successfully pulled image "registry.example.com/spark:9" in 2s',
        'Normal  Pulled  kubelet  Container image "registry.example.com/spark:9" already present on machine',
        "\t phase: Running",
        "Normal  Started  kubelet  Started container spark-kubernetes-driver",
    ],
)
def test_an_image_that_came_after_all_is_no_failure(after):
    assert codes(PULL + "i/o timeout", 'Back-off pulling image "registry.example.com/spark:9"', after) == []


def test_another_image_or_another_pod_does_not_stand_for_this_one():
    sidecar = 'Normal  Pulled  kubelet  Successfully pulled image "fluent-bit:3" in 2s'
    other = "\t pod name: b-driver\n\t phase: Running"

    assert codes("pod name: a-driver", 'Back-off pulling image "registry.example.com/spark:9"', sidecar) == ["LG402"]
    assert codes("pod name: a-driver", "pending reason: ErrImagePull", other) == ["LG402"]


# LG403


def test_the_figures_of_a_quota_stand_in_the_cause_and_the_largest_that_is_left_in_a_cell():
    (hint,) = hints(QUOTA.format("driver", "requests.memory=9Gi", "requests.memory=12Gi", "requests.memory=16Gi"))

    assert hint.code == "LG403"
    assert hint.title == "The session did not start: the namespace's quota is used up"
    assert "of 16Gi memory 12Gi are used, and it asks for 9Gi." in hint.cause
    assert cells(hint, "review") == [{"driverMemory": f"{heap_in(4096)}m"}]


def test_a_quota_that_is_smaller_than_one_pod_is_told():
    (hint,) = hints(QUOTA.format("exec-2", "limits.cpu=8,pods=1", "limits.cpu=0,pods=4", "limits.cpu=4,pods=4"))

    assert hint.title == "The session gets no more executors: the namespace's quota is used up"
    assert "of 4 cores 0 are used, and it asks for 8; of 4 pods 4 are used, and it asks for 1." in hint.cause
    assert "It would not fit into the whole quota either." in hint.cause
    assert cells(hint, "review") == []


def test_what_is_left_of_a_quota_is_offered_to_an_executor_as_an_executors():
    (hint,) = hints(QUOTA.format("exec-2", "memory=9Gi", "memory=12Gi", "memory=16Gi"))

    assert cells(hint, "review") == [{"executorMemory": f"{heap_in(4096)}m"}]


@pytest.mark.parametrize("used", ["16Gi", "15800Mi", "20Gi", "many"])
def test_nothing_is_offered_where_nothing_that_starts_is_left(used):
    (hint,) = hints(QUOTA.format("driver", "memory=9Gi", f"memory={used}", "memory=16Gi"))

    assert cells(hint, "review") == []


@pytest.mark.parametrize("lacks", ["requests.cpu=2 requests.cpu=4 requests.cpu=4", "pods=1 pods=4 pods=4"])
def test_no_smaller_driver_is_offered_where_more_than_memory_is_used_up(lacks):
    memory = ("requests.memory=1408Mi", "requests.memory=1Gi", "requests.memory=2Gi")
    (hint,) = hints(QUOTA.format("driver", *(",".join(both) for both in zip(lacks.split(), memory, strict=True))))

    assert hint.code == "LG403"
    assert cells(hint, "review") == []


def test_a_resource_of_which_enough_is_left_keeps_no_smaller_driver_away():
    (hint,) = hints(QUOTA.format("driver", "cpu=1,memory=9Gi", "cpu=1,memory=12Gi", "cpu=4,memory=16Gi"))

    assert cells(hint, "review") == [{"driverMemory": f"{heap_in(4096)}m"}]


def test_of_requests_and_limits_of_memory_the_scarcer_counts():
    both = (f"requests.memory={one},limits.memory={other}" for one, other in (("9Gi", "9Gi"), ("8Gi", "14Gi")))
    (hint,) = hints(QUOTA.format("driver", *both, "requests.memory=16Gi,limits.memory=16Gi"))

    assert cells(hint, "review") == [{"driverMemory": f"{heap_in(2048)}m"}]


def test_a_quota_on_limits_is_told_from_one_that_is_used_up():
    # https://github.com/kubeflow/spark-operator/issues/810, 2020-02-14
    (hint,) = hints(
        "io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: POST at: "
        "https://kubernetes.default.svc/api/v1/namespaces/system/pods. Message: Forbidden!Configured service account "
        'doesn\'t have access. Service account may have been revoked. pods "pyspark-pi-1581596092621-exec-1" is '
        "forbidden: failed quota: system-resourcequota: must specify limits.cpu."
    )

    assert hint.code == "LG403"
    assert "quota wants it to name its limits" in hint.title
    assert "The quota system-resourcequota is on limits.cpu," in hint.cause
    assert list(cells(hint, "review")[0]["conf"]) == [
        "spark.kubernetes.driver.limit.cores",
        "spark.kubernetes.executor.limit.cores",
    ]
    assert "kubectl describe resourcequota --namespace system" in commands(hint)


def test_a_quota_on_limits_of_memory_has_no_cell():
    (hint,) = hints("failed quota: q: must specify limits.ephemeral-storage,requests.cpu for: main")

    assert "is on limits.ephemeral-storage and requests.cpu," in hint.cause
    assert cells(hint, "review") == []


def test_an_executor_that_came_in_the_end_is_no_failure():
    refused = QUOTA.format("exec-2", "pods=1", "pods=4", "pods=4")
    came = "INFO KubernetesDriverEndpoint: Registered executor NettyRpcEndpointRef(spark-client://Executor) with ID 2"

    assert codes(refused, came) == []
    assert codes(came, refused) == ["LG403"]


# LG404


@pytest.mark.parametrize(
    "words",
    [
        # https://github.com/kubeflow/spark-operator/issues/755, 2019-12-27
        (
            'pods "spark-pi-spark-driver" is forbidden: User "system:serviceaccount:default:spark-pi-spark-spark" '
            'cannot get resource "pods" in API group "" in the namespace "default".'
        ),
        # https://github.com/apache-spark-on-k8s/spark/issues/448, 2017-08-22
        'User "system:serviceaccount:default:default" cannot get pods in the namespace "default"..',
    ],
)
def test_what_a_service_account_may_not_is_named_with_who_and_where(words):
    (hint,) = hints("org.apache.spark.SparkException: External scheduler cannot be instantiated", words)

    assert hint.code == "LG404"
    assert hint.title.endswith(" may not get pods")
    assert "no role of it has the verb get on pods in the namespace default." in hint.cause
    assert ("An account named default may nothing" in hint.cause) is ("default:default" in words)
    assert any(command.startswith("kubectl auth can-i --list --namespace default ") for command in commands(hint))


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (
            # https://github.com/volcano-sh/volcano/issues/3651
            (
                r"pods \"spark-pi-driver\" is forbidden: error looking up service account spark-operator/spark: "
                r"serviceaccount \"spark\" not found."
            ),
            "kubectl get serviceaccounts --namespace spark-operator",
        ),
        (
            'error looking up service account spark-operator/spark: serviceaccount "spark" not found',
            "kubectl get serviceaccounts --namespace spark-operator",
        ),
        ('serviceaccount "spark" not found', "kubectl get serviceaccounts --all-namespaces"),
    ],
)
def test_a_service_account_that_is_not_there_is_named(words, command):
    (hint,) = hints(words)

    assert hint.code == "LG404"
    assert hint.title == "The session did not start: there is no service account spark"
    assert command in commands(hint)


def test_a_role_that_aws_does_not_let_it_take_is_told_from_kubernetes_rights():
    # https://github.com/aws-samples/aws-cdk-for-emr-on-eks/issues/2, 2021-08-05
    words = (
        "ClientError: An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not "
        "authorized to perform sts:AssumeRoleWithWebIdentity"
    )
    (hint,) = hints("at org.apache.spark.deploy.SparkSubmit", words)

    assert codes(words) == []

    assert hint.code == "LG404"
    assert hint.title == "AWS does not let the service account take its role"


@pytest.mark.parametrize(
    "words",
    [
        (
            'WARN Utils: User "system:serviceaccount:spark:spark" cannot deletecollection resource '
            '"persistentvolumeclaims" in API group "" in the namespace "spark".'
        ),
        "\t service account name: system:serviceaccount:spark:spark",
        "sts:AssumeRoleWithWebIdentity was called 3 times",
    ],
)
def test_what_a_driver_may_not_tidy_up_and_a_name_alone_are_no_failure(words):
    assert codes(words) == []


# LG405


def test_a_template_that_is_not_there_is_named():
    (hint,) = hints(
        "ERROR KubernetesUtils: Encountered exception while attempting to load initial pod spec from file",
        "java.io.FileNotFoundException: /opt/templates/driver.yaml (No such file or directory)",
    )

    assert hint.code == "LG405"
    assert "there is no file /opt/templates/driver.yaml where it is read." in hint.cause


def test_a_pod_that_contradicts_itself_is_refused_for_what_kubernetes_says():
    # https://github.com/radanalyticsio/spark-operator/issues/352, 2022-05-24
    (hint,) = hints(
        "io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: POST at: "
        "https://kubernetes.default.svc/api/v1/namespaces/nm/pods. Message: **Pod "
        '"my-spark-app-1653416287945-exec-4" is invalid: spec.containers[0].resources.requests: Invalid value: "1": '
        "must be less than or equal to cpu limit.** Received status: Status(apiVersion=v1, code=422"
    )

    assert hint.code == "LG405"
    assert hint.title == "Kubernetes refuses the pod my-spark-app-1653416287945-exec-4 as invalid"
    assert 'Invalid value: "1": must be less than or equal to cpu limit.' in hint.cause


@pytest.mark.parametrize(
    "words",
    [
        (
            "WARN KubernetesUtils: specified container spark not found on pod template, falling back to taking the "
            "first container"
        ),
        "the value of x is invalid: 3",
    ],
)
def test_a_warning_on_a_template_and_other_things_that_are_invalid_are_no_failure(words):
    assert codes(words) == []


# LG406


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (
            # https://github.com/fabric8io/kubernetes-client/issues/4738, 2023-01-06
            (
                "io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: GET at: "
                "https://172.20.0.1:443/apis/extensions/v1beta1/namespaces/testing/ingresses. Message: Not Found."
            ),
            "extensions/v1beta1",
        ),
        (
            # https://github.com/kubeflow/spark-operator/issues/1426, 2021-12-09
            (
                "E1209 15:32:34.737008      10 controller.go:692] failed to create UI Ingress for SparkApplication "
                "spark/spark-pi: the server could not find the requested resource (post ingresses.extensions)"
            ),
            "ingresses.extensions",
        ),
        (
            # https://github.com/apache/spark/pull/35300, 2022-01-24
            (
                'unable to recognize "spark-rbac.yaml": no matches for kind "ClusterRole" in version '
                '"rbac.authorization.k8s.io/v1beta1"'
            ),
            "rbac.authorization.k8s.io/v1beta1",
        ),
    ],
)
def test_an_api_that_is_gone_is_named(words, asked):
    (hint,) = hints(words)

    assert hint.code == "LG406"
    assert f"asks Kubernetes for {asked}, which it does not have" in hint.cause


@pytest.mark.parametrize(
    "words",
    [
        "the server could not find the requested resource (get pods.metrics.k8s.io)",
        'Failure executing: GET at: https://172.20.0.1/api/v1/namespaces/a/pods/b. Message: pods "b" not found.',
        'no matches for kind "SparkApplication" in version "sparkoperator.k8s.io/v1"',
    ],
)
def test_what_is_only_not_there_is_no_api_that_was_removed(words):
    assert codes(words) == []


def test_a_watch_that_is_forbidden_to_the_account_is_no_matter_of_versions():
    watch = "java.net.ProtocolException: Expected HTTP 101 response but was '403 Forbidden'"
    forbidden = (
        'User "system:serviceaccount:spark:default" cannot watch resource "pods" in API group "" in the namespace'
    )

    assert codes(watch) == ["LG406"]
    assert codes(watch, forbidden) == ["LG404"]


# all


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1408Mi", 1408), ("2Gi", 2048), ("1G", 953), ("1048576", 1), ("1.5Gi", 1536), ("2K", None), ("x", None)],
)
def test_an_amount_of_memory_is_read_as_kubernetes_writes_it(text, amount):
    assert mebibytes(text) == amount


def test_an_amount_of_cores_may_be_in_thousandths():
    assert quantity("1500m") == quantity("1.5")


def test_no_heap_fits_into_less_than_its_overhead():
    assert heap_in(300) == 1


HOSTILE = (
    "0/3 nodes are available: " + "1 " * 5000,
    "0/3 nodes are available: 1 node(s) had untolerated taint {" + "{" * 3000,
    "0/3 nodes are available: 3 node(s) <script>alert(1)</script>.",
    'Failed to pull image "' + "a" * 5000,
    'Failed to pull image "$(reboot)": denied: password=hunter2222',
    "exceeded quota: a, requested: " + "a=1," * 3000,
    "exceeded quota: a, requested: pods=1, used: cpu=1, limited: memory=x",
    "Name: " + "a-" * 3000 + "driver\n0/3 nodes are available: 3 Insufficient memory.",
    "pods " * 3000 + "0/3 nodes are available: 3 Insufficient memory.",
    'Pod "a" is invalid: ' + "." * 5000,
    "Requests: " + " cpu: " * 1000 + "0/3 nodes are available: 3 Insufficient memory.",
    'User "system:serviceaccount:a:b" cannot ' + "a" * 3000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_taken_calmly_and_stand_in_no_command(text):
    for hint in diagnose(Case(log=(text,))) + diagnose(Case(resource_manager=(text,))):
        shown = json.dumps(hint.to_json())
        assert "hunter2222" not in shown
        assert len(hint.title) < 400
        assert not any(mark in command for command in commands(hint) for mark in "$;<`")
