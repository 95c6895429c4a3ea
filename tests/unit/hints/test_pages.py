"""The long forms as they are read: whole Markdown, whole sentences, and commands and magics that there are."""

from __future__ import annotations

import re
import shlex
from functools import cache

import click
import pytest
from IPython.core.interactiveshell import InteractiveShell
from markdown_it import MarkdownIt  # rich brings it
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics

from livyguard.cli.main import cli
from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import explain
from livyguard.magics.livyguard import LivyGuard
from livyguard.views.plain_kernel import page_in_plain_kernel
from scripts.hint_pages import pages

MARKDOWN = MarkdownIt("commonmark").enable("table")
PAGES = pages()
EVERY = pytest.mark.parametrize("name", sorted(PAGES))
EVERY_CODE = pytest.mark.parametrize("code", [entry.code for entry in CATALOG])
#: What a kernel reads once, when it starts, nothing but its restart lets it read again.
READ_ONCE = {"LG603", "LG604", "LG605", "LG606", "LG609", "LG610", "LG903", "LG904"}
#: What stands for a piece of code, and for the end of a line.
SAID = {"code_inline": "`…`", "softbreak": " "}
#: SparkMagic's, and told of wherever somebody ran it.
ANYWHERE = {"%%cleanup"}


def prose(name):
    """Return the text of a page's paragraphs, items, cells and headings, without code; each with its kind."""
    kind = None
    for token in MARKDOWN.parse(PAGES[name]):
        if token.type.endswith("_open"):
            kind = token.type.removesuffix("_open")
        elif token.type == "inline":
            yield kind, "".join(SAID.get(part.type, part.content) for part in token.children)


def code_of(text):
    """Return the pieces of code of a page: spans, and lines of blocks."""
    for token in MARKDOWN.parse(text):
        if token.type == "fence":
            yield from (line.strip() for line in token.content.splitlines())
        elif token.type == "inline":
            yield from (part.content for part in token.children if part.type == "code_inline")


@EVERY
def test_a_page_is_whole_markdown(name):
    tokens = MARKDOWN.parse(PAGES[name])

    for _, text in prose(name):
        assert "`" not in text.replace("`…`", ""), text
        assert "|" not in text, f"a row that is broken over two lines: {text}"
        assert "**" not in text, text
    assert not [token.content for token in tokens if token.type == "html_block" and "Written by" not in token.content]
    assert not [part.content for token in tokens for part in token.children or () if part.type == "html_inline"]


@EVERY
def test_the_rows_of_a_table_have_as_many_cells_as_its_head(name):
    lines = PAGES[name].splitlines()

    for token in MARKDOWN.parse(PAGES[name]):
        if token.type == "table_open":
            rows = {len(re.findall(r"(?<!\\)\|", line)) for line in lines[token.map[0] : token.map[1]]}
            assert len(rows) == 1, lines[token.map[0]]


@EVERY
def test_sentences_are_finished_and_no_word_stands_twice(name):
    for kind, text in prose(name):
        assert not re.search(r"\b([A-Za-z]+)\s+\1\b", text), text
        assert "  " not in text, text
        assert kind != "paragraph" or re.search(r"[.:;,)]$|^- |`…`$|must:$|may have$", text.strip()), text
        assert not re.search(r"!(?:\s|$)|[Pp]lease", text), text


@EVERY_CODE
def test_a_kernel_restart_is_asked_for_only_where_a_file_or_a_package_is_read_once(code):
    asked = re.findall(r"(?:then |so )?restart the\s+kernel|kernel is\s+restarted", explain(code))

    assert not asked or code in READ_ONCE


@cache
def shells():
    """Return the magics of a wrapper kernel and those of a plain one, livyguard's among both."""
    shell = InteractiveShell()
    shell.register_magics(RemoteSparkMagics)
    ours = spelled(LivyGuard.magics)
    return spelled(InteractiveShell().magics_manager.magics) | spelled(KernelMagics.magics) | ours, (
        spelled(shell.magics_manager.magics) | ours
    )


def spelled(tables):
    return {f"{'%%' if kind == 'cell' else '%'}{name}" for kind, table in tables.items() for name in table}


def magics(text):
    """Return the magics in a text, each with what follows it on its line."""
    return [found for piece in code_of(text) if (found := re.match(r"(%{1,2}[a-z_]+)(.*)", piece))]


@EVERY_CODE
def test_a_magic_of_a_page_is_there_in_a_wrapper_kernel_and_those_of_its_other_wording_in_a_plain_one(code):
    wrapper, plain = shells()

    assert {found[1] for found in magics(PAGES[f"{code}.md"])} <= wrapper
    page = page_in_plain_kernel(explain(code))
    assert {found[1] for found in magics(page)} <= plain | ANYWHERE
    assert not re.search(r"the\s+next\s+(?:Spark\s+)?cell\s+starts", page)


@EVERY
def test_the_options_of_livyguards_magics_are_theirs(name):
    for found in magics(PAGES[name]):
        if found[1].startswith(("%livy_", "%%livy_")):
            known = re.findall(r"--[a-z-]+", getattr(LivyGuard, found[1].strip("%")).parser.format_help())
            assert set(re.findall(r"--[a-z-]+", found[2])) <= set(known), found[0]


@EVERY
def test_a_command_of_livyguard_is_one_and_takes_its_options(name):
    for piece in code_of(PAGES[name]):
        for command in re.findall(r"(?:^|\| )livyguard ([^|]+)", piece):
            told = cli
            words = shlex.split(command)
            while isinstance(told, click.Group):
                told = told.get_command(click.Context(told), words.pop(0))
            assert told is not None, piece
            options = {option for param in told.params for option in (*param.opts, *param.secondary_opts)}
            assert {word for word in words if word.startswith("-") and word != "-"} <= options, piece
