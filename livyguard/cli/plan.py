"""``livyguard plan``: how many workers people need, or what a number of workers gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from livyguard.capacity.asking import Options
    from livyguard.views.shown import Shown

__all__ = ["plan"]


@click.command(short_help="How many workers people need, or what fits.")
@click.option("--users", metavar="N[,N]", help="How many people; several between commas make a table.")
@click.option("--executors", metavar="M[,M]", help="How many executors each of them may have; likewise.")
@click.option("--workers", metavar="W", help="How many workers there are; with it the question is what fits.")
@click.option("--worker-type", metavar="T", help="AWS Glue's type of the workers, G.1X, or EMR's, m5.4xlarge.")
@click.option("--manager", metavar="NAME", help="What runs the containers: glue, yarn, kubernetes or standalone.")
@click.option("--worker-memory", metavar="SIZE", help="What one worker offers to containers: 56g.")
@click.option("--worker-cores", metavar="C", help="Likewise its cores.")
@click.option("--reserved-memory", metavar="SIZE", help="Kubernetes: what daemons' pods take of each node.")
@click.option("--reserved-cores", metavar="C", help="Likewise their cores: 0.5, 500m.")
@click.option("--driver-memory", metavar="SIZE", help="A session's driverMemory: 4g.")
@click.option("--driver-cores", metavar="C", help="A session's driverCores.")
@click.option("--executor-memory", metavar="SIZE", help="A session's executorMemory: 8g.")
@click.option("--executor-cores", metavar="C", help="A session's executorCores.")
@click.option(
    "--conf", multiple=True, metavar="KEY=VALUE", help="A session's conf: overheads, off-heap memory and so on."
)
@click.option("--kind", metavar="KIND", help="A session's kind, pyspark unless told: it tells overheads on Kubernetes.")
@click.option("--minimum-allocation", metavar="SIZE", help="YARN's yarn.scheduler.minimum-allocation-mb: 1g.")
@click.option("--count-cores", is_flag=True, help="YARN counts cores, too (DominantResourceCalculator).")
@click.option(
    "--am-share", metavar="SHARE", help="YARN's maximum-am-resource-percent: 0.1, the default; 1 for no limit."
)
@click.option("--queue-share", metavar="SHARE", help="How much of the cluster these people's queue may hold: 0.4.")
@click.option("--deploy-mode", metavar="MODE", help="Drivers run on workers, cluster, or beside Livy, client.")
@click.option(
    "--drivers-apart", is_flag=True, help="Drivers run on workers of their own: on demand, executors on spot."
)
@click.option("--at-once", metavar="SHARE", help="How many of the people work at the same time: 0.5.")
@click.option(
    "--policy",
    type=click.Path(exists=True),
    metavar="FILE",
    help="Ask what this policy promises; alone it is the one in force here.",
)
@click.option(
    "--people",
    multiple=True,
    metavar="TENANT=N",
    help="How many people a tenant has beside those it names; defaults=N: others.",
)
@click.option("--cluster", metavar="NAME", help="Which of the clusters that the policy describes.")
@click.option("--chart", metavar="FILE.svg", help="Draw it: people across, workers upwards.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def plan(context: click.Context, /, as_json: bool, **options: Any) -> None:
    """Say how many workers people need who all work at once, or what fits into the workers that there are.

    --users and --executors: how many workers. --workers with one of them: how much of the other fits. All three:
    whether they fit. --policy: whether what a policy promises does. Exit 1 where it does not fit, 2 for wrong options
    and for a policy that cannot be used.

    Example: livyguard plan --users 3 --executors 5 --worker-type G.1X
    """
    from livyguard.capacity.asking import Options, asks_for_policy

    asked = Options(**options)
    view, code = _of_policy(asked) if asks_for_policy(asked) else _of_people(asked)
    click.echo(json.dumps(view.to_json(), indent=2) if as_json else view.to_text())
    context.exit(code)


def _of_people(asked: Options) -> tuple[Shown, int]:
    from livyguard.capacity.answer import answer
    from livyguard.capacity.asking import read
    from livyguard.views import chart
    from livyguard.views.plan import PlanView

    found = answer(read(asked))
    if asked.chart is not None:
        click.echo(chart.write(found, asked.chart), err=True)  # standard output holds the result alone
    return PlanView(found, offers_chart=False), found.exit_code


def _of_policy(asked: Options) -> tuple[Shown, int]:
    from livyguard.capacity.promise import NO_POLICY, exit_code, read_policy
    from livyguard.cli.policy.sources import policy_files
    from livyguard.errors import InvalidInput, InvalidPolicy
    from livyguard.views.fit import FitView

    question = read_policy(asked)
    try:
        policy = policy_files(None if asked.policy is None else Path(asked.policy), is_quiet=False).policy()
    except InvalidPolicy as error:
        error.exit_code = InvalidInput.exit_code  # 1 says that something does not fit
        raise
    if policy is None:
        raise InvalidInput(NO_POLICY)
    fit = question.fit(policy)
    return FitView(fit, question.notes), exit_code(fit)
