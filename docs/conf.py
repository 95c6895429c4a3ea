"""Sphinx's configuration: ``make pages`` builds the pages below build/docs. It runs no notebook and asks no network.

What the cells of a notebook show is there where ``make docs`` ran it (scripts/guide_outputs.py).

The sources' folder is the project's, so that links between README.md, docs/ and notebooks/ are the same everywhere.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers import get_lexer_by_name

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what is imported below is found there

from livyguard import __version__  # noqa: E402
from scripts.hint_pages import FAMILIES  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "livyguard"
author = "the authors of livyguard"
release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "scripts.shown_commands", "scripts.guide_outputs"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**", "notebooks/guides/*.ipynb", "notebooks/*.ipynb"]
exclude_patterns = [".*", "build", "data", "dist", "livyguard", "tests", "docs/_*"]  # not even looked into
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_render_error_lexer = "text"  # what our magics raise is for people to read, and no Python
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = f"livyguard {release}"
html_static_path = ["_static"]
html_css_files = ["livyguard.css"]
html_extra_path = ["_extra"]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_context = {"families": FAMILIES}
# A list of a section's pages for the guides alone: elsewhere there is none, and one of 150 codes takes 0.2 s a page.
html_sidebars = {"docs/hints/*": ["families.html"], "docs/[!g]*": [], "[A-Z]*": []}
html_theme_options = {
    "logo": {"text": "livyguard"},
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
}


def setup(app: Sphinx) -> None:
    """Read cells as IPython does."""
    for name in ("python", "python3"):
        app.add_lexer(name, type(get_lexer_by_name("ipython3")))
