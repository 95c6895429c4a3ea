"""``python -m demo``: the tour on a terminal, and as HTML under build/."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from demo.tour import run
from demo.transcript import Transcript
from demo.world import NOTEBOOKS, Setting, world


def main() -> int:
    """Run the tour; 0 if every cell ended as it should."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--notebook", type=Path, default=NOTEBOOKS / "tour.ipynb", help="What to run.")
    parser.add_argument(
        "--out", type=Path, default=NOTEBOOKS.parent / "build", help="Where the executed notebook goes."
    )
    options = parser.parse_args()

    started = time.monotonic()
    print("Starting the sandbox: a Livy-compatible server on this machine, with real PySpark behind it.", flush=True)
    with world(Setting.of(options.notebook)) as here:
        print(f"The sandbox listens on {here.url}; SparkMagic's PySpark kernel starts.", flush=True)
        notebook, faults = run(options.notebook, here, Transcript(sys.stdout))
    pages = _write(notebook, options.out / options.notebook.stem)
    _report(faults, pages, time.monotonic() - started)
    return 1 if faults else 0


def _write(notebook: nbformat.NotebookNode, stem: Path) -> list[Path]:
    stem.parent.mkdir(parents=True, exist_ok=True)
    executed, page = stem.with_suffix(".ipynb"), stem.with_suffix(".html")
    nbformat.write(notebook, executed)  # type: ignore[no-untyped-call] # nbformat has no types here
    html, _ = HTMLExporter().from_notebook_node(notebook)  # type: ignore[no-untyped-call] # nor has nbconvert
    page.write_text(html, "utf-8")
    return [page, executed]


def _report(faults: list[str], pages: list[Path], seconds: float) -> None:
    print("\n" + "-" * 80)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"Every cell ended as it should, in {seconds:.0f} s. Nothing is left running.")
    page, executed = (path.resolve() for path in pages)
    print(f"The executed notebook: {executed}\nAs a page:             {page}")
    print(f"Open it: xdg-open {page} (macOS: open), or any browser.")
    print("Try it yourself: make lab opens JupyterLab on the same sandbox.")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted; nothing is left running.")
        sys.exit(130)
