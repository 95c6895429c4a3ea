"""A Sphinx extension: pages that show what livyguard's own commands print, or draw, when they are built.

::

    ```{shown} livyguard plan --users 3 --executors 5 --worker-type G.1X
    :before: For SparkMagic
    ```

    ```{drawn} livyguard plan --users 3,10 --executors 2,5 --worker-type G.1X --workers 60
    Of whatever the picture shows.
    ```

The page is built anew when livyguard's modules change. A command that ends otherwise than ``exit`` says, which
is 0, is a warning at its line. ``before`` leaves out what is printed from there on.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from click.testing import CliRunner
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from livyguard.cli.main import cli
from livyguard.config import POLICY_VARIABLE
from livyguard.views.chart import INK

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec

__all__ = ["Drawn", "Shown", "setup"]

_PACKAGE = Path(__file__).parents[1] / "livyguard"
#: Nobody's settings: a command that reads a policy or a Livy's address names it.
_SURROUNDINGS = {"COLUMNS": "100", "LIVYGUARD_URL": None, POLICY_VARIABLE: None}


class Shown(SphinxDirective):
    """A command and what it prints."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {
        "before": directives.unchanged_required,
        "exit": directives.nonnegative_int,
    }

    def run(self) -> list[nodes.Node]:
        """Return a block as a terminal has it."""
        text = self.output()
        if "before" in self.options:
            text, found, _ = text.partition(self.options["before"])
            if not found:
                raise self.error(f"{self.arguments[0]}: it does not print {self.options['before']!r}")
            text += "…"
        text = f"$ {self.arguments[0]}\n{text}"
        return [nodes.literal_block(text, text, language="console", classes=["shown"])]

    def output(self, *more: str) -> str:
        """Run the command; return what it prints.

        Raises:
            DirectiveError: it ends with another exit code than it should.
        """
        for module in _PACKAGE.rglob("*.py"):
            self.env.note_dependency(str(module))
        _, *words = shlex.split(self.arguments[0])
        done = CliRunner(env=_SURROUNDINGS).invoke(cli, [*words, *more])
        if done.exit_code != self.options.get("exit", 0):
            raise self.error(f"{self.arguments[0]}: exit code {done.exit_code}\n{done.output}{done.exception!r}")
        return done.output


class Drawn(Shown):
    """The chart that a command draws, with a caption."""

    has_content = True
    option_spec: ClassVar[OptionSpec] = {}

    def run(self) -> list[nodes.Node]:
        """Return a figure that takes the colours of the page."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "chart.svg"
            self.output("--chart", str(file))
            svg = file.read_text("utf-8").replace(INK, "currentColor")
        caption = nodes.caption("", "", *self.parse_inline("\n".join(self.content))[0])
        return [nodes.figure("", nodes.raw("", svg[svg.index("<svg") :], format="html"), caption)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Let pages use both."""
    app.add_directive("shown", Shown)
    app.add_directive("drawn", Drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
