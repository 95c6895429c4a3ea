"""What the guides to Glue, to EMR on YARN and to EMR on EKS promise is what their cells show."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from kubernetes.client import ApiClient

from demo.transcript import plain
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.policy.units import MIB, read_size

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "docs" / "policies"
EXECUTORS = ("executor", "executor-hostpath")
GUIDES = ("glue-sagemaker", "emr-two-teams", "emr-on-eks")
CLEAN = re.compile(r"Lint has nothing to say\.\r?\n\d+ passed\.")
NOT_RUN = re.compile(r"> \*\*Not run here:\*\* .+ \*\*Checked instead:\*\* .+")


def shown(run, *parts):
    """Return what a reader sees below the one code cell that holds all of some texts, as text."""
    (cell,) = [
        cell for cell in run.notebook.cells if cell.cell_type == "code" and all(part in cell.source for part in parts)
    ]
    return "\n".join(filter(None, map(plain, cell.outputs)))


def change(text, name):
    """Return asked and given of a property, as a table of changes shows them; None where it is in none."""
    found = re.search(rf"^ *{re.escape(name)} +(\S+) +(\S+) ", text, flags=re.MULTILINE)
    return found and found.groups()


def manifests(run, name):
    """Return what stands in a file that the guide writes."""
    text = run.cell(f"%%writefile {{folder}}/{name}").source.partition("\n")[2]
    return list(yaml.safe_load_all(text))


def prose(run):
    return [cell.source for cell in run.notebook.cells if cell.cell_type == "markdown"]


@pytest.fixture
def run(guide, request):
    return guide(request.param)


def on(name):
    return pytest.mark.parametrize("run", [name], indirect=True)


@pytest.mark.parametrize("run", GUIDES, indirect=True)
class TestEach:
    def test_its_policy_lints_clean_and_passes_its_own_tests(self, run):
        assert CLEAN.fullmatch(shown(run, "livyguard policy lint"))

    def test_what_is_not_run_is_said_together_with_what_was_checked_instead(self, run):
        notes = [note for text in prose(run) for note in re.findall(r"^> .*", text, re.MULTILINE)]

        assert notes
        assert [note for note in notes if not NOT_RUN.fullmatch(note)] == []

    def test_the_tests_that_it_names_are_there(self, run):
        named = [Path(name) for text in prose(run) for name in re.findall(r"`(tests/[\w/]+\.py)`", text)]

        assert [str(name) for name in named if not (ROOT / name).exists()] == []


@on("glue-sagemaker")
class TestGlue:
    def test_the_table_of_workers_is_the_planners(self, run):
        (table,) = [text for text in prose(run) if "| worker type |" in text]
        rows = [tuple(row.strip("| ").split(" | ")) for row in table.splitlines() if re.match(r"\| [SG]", row)]
        kinds = [WORKER_TYPES[row[0]] for row in rows]

        assert [row[0] for row in rows] == ["Standard", "G.1X", "G.2X"]
        assert rows == [
            (kind.name, kind.driver_memory, kind.executor_memory, str(kind.executor_cores), str(kind.containers_each))
            for kind in kinds
        ]

    def test_one_session_can_have_as_many_executors_as_awss_formula_says(self, run):
        standard, smallest = shown(run, "--workers 10 --users 1").splitlines()

        assert standard == f"10 workers of type Standard give 1 person {(10 - 1) * 2 - 1} executors."
        assert smallest == f"10 workers of type G.1X give 1 person {10 - 1} executors."

    def test_awss_lines_for_sparkmagic_set_the_share_of_the_policy(self, run):
        (lines,) = [each for text in prose(run) for each in re.findall(r"```json\n(.*?),\n```", text, re.DOTALL)]
        policy = tomllib.loads((POLICIES / "glue-endpoint.toml").read_text("utf-8"))

        assert json.loads(f"{{{lines}}}")["session_configs"]["conf"] == {
            "spark.dynamicAllocation.maxExecutors": str(policy["defaults"]["limits"]["executors.max"]["max"])
        }

    def test_awss_own_numbers_of_workers_come_out(self, run):
        matrix = shown(run, "--users 3,10,50")

        assert "need 60 workers of type G.1X" in shown(run, "--users 10 --executors 5")
        assert re.findall(r"^ *(\d+) +(\d+)$", matrix, re.MULTILINE) == [("3", "18"), ("10", "60"), ("50", "300")]

    def test_forty_workers_give_ten_people_three_executors_or_six_people_five(self, run):
        assert "give 10 people 3 executors each" in shown(run, "--workers 40 --users 10")
        assert "enough for 6 people with 5 executors each" in shown(run, "--workers 40 --executors 5")

    def test_what_the_policy_promises_takes_exactly_its_sixty_workers(self, run):
        (worst,) = re.findall(r"^worst .* (\d+) +(yes|no)$", shown(run, "--people defaults=9"), re.MULTILINE)

        assert worst == ("60", "yes")

    def test_a_greedy_request_gets_what_the_plan_gave_in_the_check_in_the_session_and_in_spark(self, run):
        (cap,) = re.findall(r'"executors\.max" = \{ max = (\d+)', shown(run, "--users 10 --executors 5"))

        assert change(shown(run, "%%livy_check"), "executors.max") == ("40", cap)
        assert change(shown(run, "%%configure"), "executors.max") == ("40", cap)
        assert f"maxExecutors {cap}\ncachedExecutorIdleTimeout 10m" in shown(run, "spark.conf.get")

    def test_the_policy_that_is_installed_is_the_one_that_a_user_is_judged_by(self, run):
        (place,) = re.findall(r"Installed: (\S+)", shown(run, "policy install"))

        assert f"Policy      {place}" in shown(run, "%livy_policy")

    def test_the_forgotten_session_of_alice_is_freed_and_nobody_elses(self, run):
        (done,) = [cell for cell in run.notebook.cells if cell.source == "%livy_release"]
        freed = "\n".join(map(plain, done.outputs))

        assert {"alice", "bob-1", "carol"} <= set(re.findall(r"alice|bob-1|carol", shown(run, "%livy_sessions")))
        assert "Released 1 session with up to 5 executors" in freed
        assert "bob-1" not in freed
        assert "carol" not in freed

    def test_a_lost_session_is_explained_below_the_404_and_forgotten_without_a_restart(self, run):
        said = shown(run, "range(13)")

        assert re.search(r"^Invalid status code '404' from \S+/sessions/(\d+) with error payload: .*'\1' not", said)
        assert "LG106 Livy no longer knows session" in said
        assert "The next Spark cell starts a new session" in shown(run, "%livy_recover")

    def test_awss_words_for_a_full_endpoint_are_explained(self, run):
        (told,) = [text for text in prose(run) if "enough YARN resources to start" in text]
        words = [line.strip() for line in re.search(r"```text\n(.*?)```", told, re.DOTALL)[1].splitlines()]
        said = shown(run, "livyguard diagnose")

        assert [word for word in words if word not in run.cell("livyguard diagnose").source] == []
        assert said.startswith("LG202 Session 16 did not start: the queue has no room for another driver")
        assert "livyguard release" in said

    def test_a_start_that_failed_says_so_and_the_next_cell_needs_no_restart(self, run):
        failed = shown(run, "range(16)")

        assert re.search(
            r"^(Session \d+) did not start up in 1 seconds\. \1 is deleted\. The next", failed, re.MULTILINE
        )
        assert "LG201" in failed
        assert "%livy_release" in failed
        assert "60" in shown(run, "range(60)").splitlines()


@on("emr-two-teams")
class TestTwoTeams:
    def test_the_queues_share_the_cluster(self, run):
        rows = [line.split() for line in shown(run, "of it drivers").splitlines()[1:]]

        assert [(row[0], row[1], row[3]) for row in rows] == [
            ("analytics", "40", "224"),
            ("etl", "50", "280"),
            ("nightly", "0", "0"),
            ("default", "10", "56"),
        ]

    def test_each_queue_has_its_part_of_the_nodes_that_drivers_are_kept_on(self, run):
        told = json.loads(run.cell("%%writefile {folder}/queues.json").source.partition("\n")[2])
        labels = json.loads(run.cell("%%writefile {folder}/labels.json").source.partition("\n")[2])
        queues, drivers = (
            next(each["Properties"] for each in file if each["Classification"] == "capacity-scheduler")
            for file in (told, labels)
        )
        root = "yarn.scheduler.capacity.root"
        names = queues[f"{root}.queues"].split(",")

        assert [drivers[f"{root}.{name}.accessible-node-labels.CORE.capacity"] for name in names] == [
            queues[f"{root}.{name}.capacity"] for name in names
        ]

    def test_hadoops_share_for_drivers_is_too_small_for_the_analysts_and_the_guides_is_not(self, run):
        narrow, wide = shown(run, "%livy_plan", "--am-share 0.1"), shown(run, "%livy_plan {analysts}", "0.2")

        assert "are not enough for 8 people with 5 executors each: 16 are needed" in narrow
        assert "YARN's limit on drivers decides" in narrow
        assert "are enough for 8 people with 5 executors each" in wide

    def test_the_engineers_queue_holds_them(self, run):
        assert "are enough for 4 people with 6 executors each" in shown(run, "%livy_plan {engineers}")

    def test_a_larger_overhead_makes_the_queue_too_small_for_the_analysts(self, run):
        said = shown(run, "!livyguard plan", "memoryOverheadFactor=0.1875")

        assert "are not enough for 8 people with 5 executors each: 11 are needed" in said

    def test_counting_cores_makes_the_queue_too_small_unless_executors_have_fewer(self, run):
        by_memory, by_cores, with_fewer = shown(run, "--count-cores | head").splitlines()

        assert "are enough for 8 people" in by_memory
        assert "are not enough for 8 people with 5 executors each: 14 are needed" in by_cores
        assert "are enough for 8 people" in with_fewer

    def test_what_the_policy_promises_fits_for_half_of_the_people_and_not_at_the_worst(self, run):
        cases = re.findall(r"^(worst|likely) .* (\d+) +(yes|no)$", shown(run, "%livy_plan --policy"), re.MULTILINE)

        assert cases == [("worst", "21", "no"), ("likely", "4", "yes")]

    def test_at_the_worst_drivers_decide_and_without_their_limit_the_pieces_do(self, run):
        limited, free = shown(run, "%livy_plan --policy"), shown(run, "--am-share 1")
        rows = [
            re.search(r"^worst +\d+ +(\d+) .* (\d+) +no\s*$", each, re.MULTILINE).groups() for each in (limited, free)
        ]
        driver, executor = re.search(
            r"^engineers .* ([\d.]+) GiB, 1 core +([\d.]+) GiB,", limited, re.MULTILINE
        ).groups()

        assert rows == [("26", "21"), ("26", "15")]
        assert "YARN's limit on drivers decides: they may hold 20% of the queue" in limited
        assert 0.2 * 20 * 56 < 26 * float(driver) < 0.2 * 21 * 56
        assert (round(26 * float(driver)), executor) == (229, "17.6")

    def test_a_greedy_request_in_another_teams_queue_gets_the_share_that_was_planned_in_the_own_queue(self, run):
        checked = shown(run, "%%livy_check")

        assert change(checked, "executors.max") == ("40", "5")
        assert change(checked, "queue") == ("etl", "analytics")
        assert "analysts" in shown(run, "%livy_policy")


@on("emr-on-eks")
class TestOnEks:
    @pytest.mark.parametrize("name", ["driver", *EXECUTORS, "quota", "limits"])
    def test_kubernetes_own_client_reads_a_manifest_without_losing_a_field(self, run, name):
        (told,) = manifests(run, f"{name}.yaml")
        client = ApiClient()
        parse = getattr(client, "_ApiClient__deserialize")  # noqa: B009 - what takes no answer of HTTP

        assert client.sanitize_for_serialization(parse(told, f"V1{told['kind']}")) == told

    def test_each_template_finds_a_pool_of_the_current_api_in_the_one_zone(self, run):
        nodes = manifests(run, "nodepools.yaml")
        pools = [each["spec"]["template"]["spec"]["requirements"] for each in nodes if each["kind"] == "NodePool"]
        offered = [{one["key"]: one["values"] for one in pool} for pool in pools]

        for name in ("driver", *EXECUTORS):
            (template,) = manifests(run, f"{name}.yaml")
            wanted = {key: [value] for key, value in template["spec"]["nodeSelector"].items()}
            assert len([pool for pool in offered if wanted.items() <= pool.items()]) == 1
        assert {each["apiVersion"] for each in nodes} == {"karpenter.sh/v1", "karpenter.k8s.aws/v1"}

    def test_an_executor_has_time_to_hand_over_its_blocks_within_spots_two_minutes(self, run):
        times = [manifests(run, f"{name}.yaml")[0]["spec"]["terminationGracePeriodSeconds"] for name in EXECUTORS]

        assert [60 < time <= 115 for time in times] == [True, True]

    def test_no_node_with_pods_on_it_is_replaced_for_a_newer_image_or_for_its_age(self, run):
        nodes = manifests(run, "nodepools.yaml")
        (of_class,) = [each["spec"] for each in nodes if each["kind"] == "EC2NodeClass"]
        pools = {each["metadata"]["name"]: each["spec"] for each in nodes if each["kind"] == "NodePool"}
        (driver,) = manifests(run, "driver.yaml")

        assert [
            re.fullmatch(r"al2023@v20\d{6}", term["alias"]) is not None for term in of_class["amiSelectorTerms"]
        ] == [True]
        for pool in pools.values():
            assert {"nodes": "0", "reasons": ["Drifted"]} in pool["disruption"]["budgets"]
            assert pool["disruption"]["consolidationPolicy"] == "WhenEmpty"
            assert "terminationGracePeriod" not in pool["template"]["spec"]
        assert pools["spark-executors"]["template"]["spec"]["expireAfter"] == "Never"
        assert pools["spark-drivers"]["template"]["spec"]["expireAfter"] == "168h"
        assert driver["metadata"]["annotations"] == {"karpenter.sh/do-not-disrupt": "true"}

    def test_the_nodes_disks_are_each_pods_own_unless_the_other_template_is_taken(self, run):
        own, shared = (manifests(run, f"{name}.yaml")[0]["spec"] for name in EXECUTORS)
        policies = [each["spec"].get("instanceStorePolicy") for each in manifests(run, "nodepools.yaml")]

        assert "volumes" not in own
        assert [volume["hostPath"]["type"] for volume in shared["volumes"]] == ["DirectoryOrCreate"]
        assert policies.count("RAID0") == 1

    def test_the_namespaces_quota_holds_what_the_policy_shares_out(self, run):
        (quota,) = manifests(run, "quota.yaml")
        policy = tomllib.loads((POLICIES / "emr-on-eks.toml").read_text("utf-8"))
        tenants = {each["name"]: each for each in policy["tenant"]} | {"defaults": policy["defaults"]}
        people = {"data-science": 5, "reporting": 6, "defaults": 2}
        each = {name: read_size(tenants[name]["limits"]["session.memory"]["max"], MIB) for name in people}

        assert sum(number * each[name] for name, number in people.items()) <= 800 * 1024
        assert quota["spec"]["hard"]["requests.memory"] == "800Gi"

    def test_five_people_need_ten_nodes_for_executors_and_one_for_drivers_and_two_less_with_smaller_executors(
        self, run
    ):
        assert re.search(r"Workers needed +11, 1 of them for drivers", shown(run, "{people} {nodes}"))
        assert shown(run, "{smaller} {nodes}").startswith("5 people with 8 executors each need 9 workers")

    def test_spark_builds_the_pods_that_templates_and_policy_ask_for(self, run):
        pods = shown(run, "KubernetesExecutorBuilder")
        driver, own, shared = re.split(r"^executor.*\n", pods[pods.index("driver\n") :], flags=re.MULTILINE)

        assert "on-demand, eu-central-1a" in driver
        assert "at last" not in driver
        assert [re.findall(r"team +(\S+)", pod) for pod in (driver, own, shared)] == [["data-science"]] * 3
        for executor in (own, shared):
            assert "spot, eu-central-1a" in executor
            assert re.search(r"at last +/usr/bin/decom\.sh within 110 s", executor)
        assert re.search(r"scratch +/\S+ on a disk of its own", own)
        assert re.search(r"scratch +/\w+/spark on /mnt/k8s-disks/0/spark", shared)

    def test_no_pod_asks_for_more_than_was_planned(self, run):
        planned = re.findall(r"^(?:A driver|An executor) +([\d.]+) GiB", shown(run, "{people} {nodes}"), re.MULTILINE)
        asked = re.findall(r"requests 2 cores, (\d+)Mi", shown(run, "KubernetesExecutorBuilder"))

        assert [int(each) for each in asked] == [4505, 9011, 9011]
        assert [int(mib) <= float(gib) * 1024 for mib, gib in zip(asked, [*planned, planned[1]], strict=True)] == [
            True
        ] * 3

    def test_a_greedy_request_is_cut_and_a_template_is_refused(self, run):
        assert change(shown(run, "%%livy_check", "numExecutors"), "executors.max") == ("40", "8")
        assert shown(run, "%%livy_check", "podTemplateFile").startswith("deny: tenant data-science, user alice")

    def test_neighbouring_keys_are_refused_that_would_have_changed_image_account_and_nodes(self, run):
        key = '"spark.kubernetes.authenticate.executor'
        source, said = run.cell(key).source, shown(run, key)
        asked = set(json.loads(source.partition("\n")[2])["conf"])
        denied = set(re.findall(r"^LG702 conf\.(\S+) is forbidden$", said, re.MULTILINE))
        built = dict(re.findall(r"^(\w+) +(.+)$", shown(run, "refused = {"), re.MULTILINE))

        assert said.startswith("deny: tenant data-science")
        assert asked - denied == {"spark.kubernetes.executor.node.selector.karpenter.sh/capacity-type"}
        assert [
            key for key in asked if key.removeprefix("spark.kubernetes.") not in run.cell("refused = {").source
        ] == []
        assert built == {
            "image": "docker.io/somebody/miner:latest",
            "account": "admin",
            "node": "on-demand, eu-central-1b",
        }
