"""The ``%livy_…`` magics: their options, declared, and nothing else; what they do is imported when they run."""

from __future__ import annotations

import json
import keyword
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments
from traitlets import Bool

from livyguard.magics.completion import parse
from livyguard.magics.faults import explained
from livyguard.sparkmagic.hook import Hook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from livyguard.bootstrap import Kernel
    from livyguard.sessions.rows import SessionList

__all__ = ["LivyGuard"]


@magics_class
class LivyGuard(Magics):
    """livyguard in this kernel; ``c.LivyGuard`` in IPython's configuration, ``%config LivyGuard`` in a cell."""

    fail_cells = Bool(
        True,
        help="A session that is denied, cannot start or is gone fails its cell; False prints as SparkMagic does.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell=shell)
        self.magics = explained(self.magics)
        self._shell = shell
        self._kernel: Kernel | None = None
        self._environment = dict(os.environ)  # who is asking is what it said before the first cell
        self.hook = Hook(lambda: self.kernel.handlers, self._complain)

    @property
    def kernel(self) -> Kernel:
        """Everything behind the magics; made at first use, so that loading stays quick."""
        if self._kernel is None:
            from livyguard.bootstrap import Kernel

            self._kernel = Kernel(self._shell, lambda: bool(self.fail_cells), self._environment)
        return self._kernel

    def restore(self) -> None:
        """Give SparkMagic's HTTP clients back as they were."""
        if self._kernel is not None and self._kernel.has_sparkmagic:
            self._kernel.endpoints.restore()

    def _complain(self, text: str) -> None:
        self.kernel.display.notice(text)

    def find(self, name: str) -> Any | None:
        """Return one of the magics here by its name; None for any other."""
        return self.magics["line"].get(name) or self.magics["cell"].get(name)

    @magic_arguments()
    @argument("session", nargs="*", metavar="SESSION", help="Only these session ids.")
    @argument("--mine", action="store_true", help="Only my sessions.")
    @argument("--user", metavar="U", help="Only this owner's sessions.")
    @argument("--state", metavar="S,S", help="Only sessions in these states, separated by commas.")
    @argument("--idle", action="store_true", help="Only idle sessions; asks Livy for others' idle times, too.")
    @argument("--idle-for", metavar="30m", help="Only sessions idle for at least this long: 45s, 30m, 2h, 1d.")
    @argument("--sort", metavar="COL", help="Sort by this column; default: mine first, then by id.")
    @argument("--orphans", action="store_true", help="Only applications of a Livy that have no session here.")
    @argument("-o", "--output", metavar="NAME", help="Keep the table in the local namespace under this name.")
    @argument("--json", action="store_true", help="Print JSON instead of a table.")
    @argument("--url", metavar="URL", help="Ask this Livy; default: the endpoint of this notebook's SparkMagic.")
    @line_magic
    def livy_sessions(self, line: str) -> Any:
        """Show who holds the cluster, everybody, mine first, and since when each session is idle.

        The value is a sequence of rows; ``.to_frame()`` makes it a pandas DataFrame.

        Example::

            %livy_sessions --idle-for 30m --sort executors
        """
        from livyguard.views.sessions import OrphanTable, SessionTable

        args = parse(self.livy_sessions, line)
        listing = self._listing(args)
        table = OrphanTable(listing) if args.orphans else SessionTable(listing)
        if args.output:
            self._keep(args.output, table)
        if args.json:
            print(json.dumps(table.to_json(), indent=2))  # noqa: T201 - it is the output
            return None
        return table

    @magic_arguments()
    @argument("session", nargs="*", metavar="SESSION", help="Free these session ids.")
    @argument("--this", action="store_true", help="Free this notebook's session; the next cell starts afresh.")
    @argument("--idle-for", metavar="30m", help="Free my sessions idle for at least this long (default: idle.after).")
    @argument("--user", metavar="U", help="Operators: free this user's idle sessions.")
    @argument("--all-users", action="store_true", help="Operators: free everybody's idle sessions.")
    @argument("--app", action="append", default=[], metavar="ID", help="End this application, whose session is gone.")
    @argument("--dry-run", action="store_true", help="Only say what would be freed.")
    @argument("--force", action="store_true", help="Free a busy session of mine, or one whose owner is unknown, by id.")
    @argument("--json", action="store_true", help="Print JSON instead of a report.")
    @argument("--url", metavar="URL", help="Ask this Livy; default: the endpoint of this notebook's SparkMagic.")
    @line_magic
    def livy_release(self, line: str) -> Any:
        """Free my idle sessions, never this notebook's unless asked to, and never anybody else's.

        Without arguments: mine that are idle for longer than the policy's ``idle.after`` (30m).

        Example::

            %livy_release --dry-run
            %livy_release 41
            %livy_release --this
        """
        from livyguard.magics.release import release

        return release(self.kernel, parse(self.livy_release, line))

    @magic_arguments()
    @argument("--cells", action="store_true", help="Show also the cells that ran in the session that was lost last.")
    @line_magic
    def livy_recover(self, line: str) -> None:
        """Forget a dead session or a failed start, without a kernel restart; settings are kept.

        A session that is alive is left alone.

        Example::

            %livy_recover --cells
        """
        from livyguard.recovery import Recovery, recover
        from livyguard.views import recovery as view
        from livyguard.views.notebook import show

        args, kernel = parse(self.livy_recover, line), self.kernel
        done = recover(kernel.notebook, kernel.applications) if kernel.has_sparkmagic else Recovery()
        show(view.text(done), view.html(done))
        if args.cells:
            ran = kernel.lost_cells() if kernel.has_sparkmagic else None
            show(view.cells_text(ran), view.cells_html(ran))

    @magic_arguments()
    @argument("--json", action="store_true", help="Print JSON instead of tables.")
    @argument("--url", metavar="URL", help="At this Livy; default: the endpoint of this notebook's SparkMagic.")
    @line_magic
    def livy_policy(self, line: str) -> Any:
        """Show who I am, how that is known, my tenant, what I may ask for, what I hold, and which file says so.

        Livy is asked what is held only where a quota holds; nothing is changed there.

        Example::

            %livy_policy
        """
        from livyguard.magics.policy import show

        return show(self.kernel, parse(self.livy_policy, line))

    @magic_arguments()
    @argument("--json", action="store_true", help="Print the decision as a JSON object.")
    @argument("--url", metavar="URL", help="At this Livy; default: the endpoint of this notebook's SparkMagic.")
    @cell_magic
    def livy_check(self, line: str, cell: str) -> Any:
        """Say what the policy would do to a session with these settings: allow, clamp or deny; creates nothing.

        The cell holds the same JSON as ``%%configure``. It passes whatever the verdict is.

        Example::

            %%livy_check
            {"numExecutors": 40, "executorMemory": "8g"}
        """
        from livyguard.magics.policy import check

        return check(self.kernel, parse(self.livy_check, line), cell)

    @magic_arguments()
    @argument("--users", metavar="N[,N]", help="How many people; several between commas make a table.")
    @argument("--executors", metavar="M[,M]", help="How many executors each of them may have; likewise.")
    @argument("--workers", metavar="W", help="How many workers there are; with it the question is what fits.")
    @argument("--worker-type", metavar="T", help="AWS Glue's type of the workers, G.1X, or EMR's, m5.4xlarge.")
    @argument("--manager", metavar="NAME", help="What runs the containers: glue, yarn, kubernetes or standalone.")
    @argument("--worker-memory", metavar="SIZE", help="What one worker offers to containers: 56g.")
    @argument("--worker-cores", metavar="C", help="Likewise its cores.")
    @argument("--reserved-memory", metavar="SIZE", help="Kubernetes: what daemons' pods take of each node.")
    @argument("--reserved-cores", metavar="C", help="Likewise their cores: 0.5, 500m.")
    @argument("--driver-memory", metavar="SIZE", help="A session's driverMemory: 4g.")
    @argument("--driver-cores", metavar="C", help="A session's driverCores.")
    @argument("--executor-memory", metavar="SIZE", help="A session's executorMemory: 8g.")
    @argument("--executor-cores", metavar="C", help="A session's executorCores.")
    @argument(
        "--conf",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="A session's conf: overheads, off-heap memory and so on.",
    )
    @argument("--kind", metavar="KIND", help="A session's kind, pyspark unless told: it tells overheads on Kubernetes.")
    @argument("--minimum-allocation", metavar="SIZE", help="YARN's yarn.scheduler.minimum-allocation-mb: 1g.")
    @argument("--count-cores", action="store_true", help="YARN counts cores, too (DominantResourceCalculator).")
    @argument(
        "--am-share", metavar="SHARE", help="YARN's maximum-am-resource-percent: 0.1, the default; 1 for no limit."
    )
    @argument("--queue-share", metavar="SHARE", help="How much of the cluster these people's queue may hold: 0.4.")
    @argument("--deploy-mode", metavar="MODE", help="Drivers run on workers, cluster, or beside Livy, client.")
    @argument(
        "--drivers-apart",
        action="store_true",
        help="Drivers run on workers of their own: on demand, executors on spot.",
    )
    @argument("--at-once", metavar="SHARE", help="How many of the people work at the same time: 0.5.")
    @argument("--policy", metavar="FILE", help="Ask what this policy promises; alone it is the one in force here.")
    @argument(
        "--people",
        action="append",
        default=[],
        metavar="TENANT=N",
        help="How many people a tenant has beside those it names; defaults=N: others.",
    )
    @argument("--cluster", metavar="NAME", help="Which of the clusters that the policy describes.")
    @argument("--chart", metavar="FILE.svg", help="Draw it: people across, workers upwards.")
    @argument("--json", action="store_true", help="Print one JSON object.")
    @line_magic
    def livy_plan(self, line: str) -> Any:
        """Say how many workers people need who all work at once, or what fits into the workers that there are.

        ``--users`` and ``--executors``: how many workers. ``--workers`` with one of them: how much of the other fits.
        All three: whether they fit. ``--policy``: whether what a policy promises does. Nothing is asked of any cluster.
        The value shows a table and a chart; ``.to_frame()`` makes it a pandas DataFrame.

        Example::

            %livy_plan --users 3 --executors 5 --worker-type G.1X
            %livy_plan --users 5,10,20 --executors 2,5 --worker-type m5.4xlarge --executor-memory 8g
            %livy_plan --users 10 --workers 18 --worker-type G.1X
        """
        from livyguard.magics.plan import plan

        return plan(self.kernel, parse(self.livy_plan, line))

    @magic_arguments()
    @argument("--json", action="store_true", help="Print JSON: checks and summary.")
    @argument("--url", metavar="URL", help="Look at this Livy; default: the endpoint of this notebook's SparkMagic.")
    @line_magic
    def livy_doctor(self, line: str) -> Any:
        """Check the whole chain from this notebook to the cluster, and say what to fix; changes nothing.

        config.json, kernels, start-up file, guard, policy; the way to Livy, Livy itself, and what stands behind it.

        Example::

            %livy_doctor
        """
        from livyguard.magics.doctor import examine

        return examine(self.kernel, self.hook, parse(self.livy_doctor, line))

    @magic_arguments()
    @argument("code", metavar="CODE", help="The code of a hint or a rule: LG101.")
    @line_magic
    def livy_explain(self, line: str) -> None:
        """Show the long form of a hint.

        Example::

            %livy_explain LG101
        """
        from livyguard.hints.diagnose import explain, suggest
        from livyguard.views.notebook import show_markdown
        from livyguard.views.plain_kernel import page_in_plain_kernel

        code = parse(self.livy_explain, line).code
        page = explain(code)
        if page is None:
            near = suggest(code)
            raise UsageError(f"There is no code {code}." + (f" Did you mean {', '.join(near)}?" if near else ""))
        show_markdown(page_in_plain_kernel(page) if self.kernel.is_plain else page)

    def _listing(self, args: Any) -> SessionList:
        from livyguard.listing import list_sessions
        from livyguard.sessions.durations import parse_duration
        from livyguard.sessions.filters import parse_ids, parse_states

        kernel = self.kernel
        stores = kernel.stores(args.url)
        with closing(kernel.display.progress()) as progress:
            return list_sessions(
                stores,
                kernel.ledger,
                kernel.clock,
                ids=parse_ids(args.session),
                mine=args.mine,
                user=args.user,
                states=parse_states(args.state) if args.state else (),
                idle=args.idle,
                idle_for=parse_duration(args.idle_for) if args.idle_for else None,
                sort=args.sort,
                clusters=kernel.clusters,
                progress=progress,
                **kernel.whose(stores),
            )

    def _keep(self, name: str, value: Any) -> None:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise UsageError(f"-o takes a variable name; {name!r} is none.")
        self._shell.user_ns[name] = value
