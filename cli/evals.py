"""`callboard eval`: run suites, hold them against a baseline and a gate; write, import and export suites."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog_store.errors import UserError

if TYPE_CHECKING:
    from eval.session import Session
    from eval.suite import Suite

FAILED_GATE = 1

TOKEN_VARIABLE = "CALLBOARD_TOKEN"  # noqa: S105  the name of a variable, not a token
"""Environment variable whose value is sent as a bearer token with --url."""

EXAMPLES = """\
examples:
  callboard eval suites/ours --store ./store                        ask, print a table, exit 1 when a gate fails
  callboard eval suites/ours --store ./store --report out           also out/report.html, results.json, junit.xml
  callboard eval suites/ours --url http://127.0.0.1:8000            ask a server that runs with --trust-caller
  callboard eval suites/ours --store ./store --write-baseline suites/ours/baseline.json

  callboard eval generate --store ./store --out suites/drawn        a suite from your own catalog, for review
  callboard eval import questions.csv --out suites/ours             a spreadsheet or a file of questions as a suite
  callboard eval pending --store ./store --out suites/ours/pending.yaml
  callboard eval export suites/ours --to promptfoo --out out        for promptfoo, or --to beir for retrieval toolkits
"""


def add_eval(commands: Any, parser_class: type[argparse.ArgumentParser]) -> None:
    """Add the command.

    Args:
        commands: of the whole program, as `add_subparsers` gave them.
        parser_class: how the program reports a wrong command line.
    """
    parser = commands.add_parser(
        "eval",
        help="run question suites against a store or a server",
        description="Asks the questions of suites, prints what was right by type, and exits with 1 when a gate fails.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _run_options(parser)
    parser.tools = {
        "generate": _generate_parser(parser_class),
        "import": _import_parser(parser_class),
        "export": _export_parser(parser_class),
        "pending": _pending_parser(parser_class),
    }


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "suites",
        nargs="+",
        type=Path,
        metavar="SUITE",
        help="a suite's folder, its suite.yaml, or a file of cases",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--store",
        metavar="STORE",
        help="ask this store, a folder or a URL, opened here (default: index what the suite brings)",
    )
    where.add_argument(
        "--url",
        metavar="URL",
        help=f"ask this server; {TOKEN_VARIABLE} holds a bearer token, if it needs one",
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="compare with this run (default: the suite's baseline.json)",
    )
    parser.add_argument(
        "--gate",
        type=Path,
        metavar="FILE",
        help="rules that must hold (default: the suite's gate.yaml)",
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="write report.html, results.json and junit.xml here",
    )
    parser.add_argument(
        "--write-baseline",
        type=Path,
        metavar="FILE",
        help="keep this run as the one to compare with",
    )
    parser.add_argument(
        "--type",
        action="append",
        default=[],
        metavar="TYPE",
        help="only questions of this type; no gate is checked",
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="processes over a store, connections to a server"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on where a run into the same --report was cut off"
    )
    parser.add_argument(
        "--show",
        type=int,
        default=10,
        metavar="N",
        help="most misses printed (default 10); held-out ones never are",
    )
    parser.set_defaults(run=_run)


def _generate_parser(parser_class: type[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = parser_class(
        prog="callboard eval generate",
        description="Draws questions from the catalog of a store and works out their answers from its raw entities, apart from the query engine. Read the cases before they count.",
    )
    parser.add_argument(
        "--store", type=Path, required=True, metavar="DIR", help="the store to draw from"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="the suite's folder; made when it is not there",
    )
    parser.add_argument(
        "--number", type=int, default=200, metavar="N", help="about how many cases (default 200)"
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="decides what is drawn; the same gives the same"
    )
    parser.set_defaults(run=_generate)
    return parser


def _import_parser(parser_class: type[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = parser_class(
        prog="callboard eval import",
        description="Reads a spreadsheet (CSV, TSV) or a file {org, now, questions: […]} and writes a suite.",
    )
    parser.add_argument("file", type=Path, help="a .csv, .tsv or .yaml file")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="the suite's folder; made when it is not there",
    )
    parser.add_argument(
        "--now", metavar="ISO", help="the clock of the suite, for questions about time"
    )
    parser.set_defaults(run=_import)
    return parser


def _export_parser(parser_class: type[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = parser_class(
        prog="callboard eval export", description="Writes a suite in the shape of another tool."
    )
    parser.add_argument("suite", type=Path, help="a suite's folder or file")
    parser.add_argument("--to", choices=("promptfoo", "beir"), required=True, help="which tool")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--url", default="http://127.0.0.1:8000", metavar="URL", help="the server promptfoo asks"
    )
    parser.add_argument(
        "--store", type=Path, metavar="DIR", help="the store whose pages make BEIR's corpus"
    )
    parser.set_defaults(run=_export)
    return parser


def _pending_parser(parser_class: type[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = parser_class(
        prog="callboard eval pending",
        description="Writes what people called wrong, and readings they mended, as cases for review.",
    )
    parser.add_argument(
        "--store", type=Path, required=True, metavar="DIR", help="the store whose feedback is read"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the file of cases to write"
    )
    parser.set_defaults(run=_pending)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from cli.eval_report import print_session  # noqa: PLC0415
    from eval.results import write_baseline  # noqa: PLC0415
    from eval.runner import Place  # noqa: PLC0415
    from eval.session import Options, run_session, write_report  # noqa: PLC0415

    options = Options(
        place=Place(arguments.store, arguments.url, os.environ.get(TOKEN_VARIABLE)),
        baseline=arguments.baseline,
        gate=arguments.gate,
        report=arguments.report,
        jobs=arguments.jobs,
        resume=arguments.resume,
        types=tuple(arguments.type),
    )
    with _progress() as done:
        session = run_session(arguments.suites, options, index=_index, done=done)
    files: Sequence[Path] = write_report(arguments.report, session) if arguments.report else ()
    if arguments.write_baseline:
        write_baseline(arguments.write_baseline, session.outcomes)
    _print(print_session, session, files, arguments)
    return 0 if session.passed else FAILED_GATE


def _print(
    print_session: Callable[..., None],
    session: Session,
    files: Sequence[Path],
    arguments: argparse.Namespace,
) -> None:
    print_session(session, show=arguments.show)
    for path in files[:1]:
        print(f"Report: {path}")  # noqa: T201  the command's output
    if arguments.write_baseline:
        print(f"Baseline: {arguments.write_baseline}")  # noqa: T201


def _index(suite: Suite, store: Path) -> None:
    """A store of the organisation a suite brings."""
    from app.building import build_index, local_embedder  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    now = suite.now or datetime.now(UTC)
    paths = suite.organisation
    if isinstance(paths, str):
        from demo_org import write_demo  # noqa: PLC0415

        paths = (write_demo(store / "demo-files", now=now),)
    build_index(
        list(paths),
        store=store,
        now=now,
        embedder=lambda: local_embedder(settings.cache_dir),
        refinements=settings.refinements,
    )


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar a suite on stderr; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    from cli.terminal import Terminal  # noqa: PLC0415

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Terminal(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def done(suite: str, asked: int, total: int) -> None:
            if suite not in tasks:
                tasks[suite] = bars.add_task(suite, total=total)
            bars.update(tasks[suite], completed=asked)

        yield done


def _generate(arguments: argparse.Namespace) -> int:
    from eval.generate.facts import read_facts  # noqa: PLC0415
    from eval.generate.write import SEED, draw, write_suite  # noqa: PLC0415

    seed = SEED if arguments.seed is None else arguments.seed
    facts = read_facts(arguments.store)
    said = draw(facts, number=arguments.number, seed=seed)
    if not said:
        raise UserError(
            f"the catalog in {str(arguments.store)!r} is too small to draw questions from"
        )
    file = write_suite(
        arguments.out,
        said,
        name=arguments.out.name,
        store=arguments.store,
        now=facts.now,
        seed=seed,
    )
    types = sorted({case.type for case in said})
    print(f"{len(said)} cases in {file.parent}: {', '.join(types)}.")  # noqa: T201
    print(f"Read them, then: callboard eval {file.parent} --store {arguments.store}")  # noqa: T201
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from eval.importers import import_csv, import_questions, lines_of, write_cases  # noqa: PLC0415

    now = arguments.now
    if arguments.file.suffix.lower() in (".csv", ".tsv"):
        cases = import_csv(arguments.file)
    else:
        suite, cases = import_questions(arguments.file)
        now = now or (suite.now.isoformat() if suite.now else None)
    written = write_cases(
        arguments.out,
        cases,
        name=arguments.out.name,
        now=now,
        origin=f"imported from {arguments.file.name}",
    )
    print(f"{len(cases)} cases in {written.parent}")  # noqa: T201
    for line in lines_of(cases):
        print(line)  # noqa: T201
    return 0


def _pending(arguments: argparse.Namespace) -> int:
    import yaml  # noqa: PLC0415

    from app.pending import pending_cases  # noqa: PLC0415

    cases = pending_cases(arguments.store)
    if not cases:
        raise UserError("nobody has called an answer wrong, or mended a reading, in this store")
    text = yaml.safe_dump({"questions": cases}, sort_keys=False, allow_unicode=True, width=120)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text, encoding="utf-8")
    unfinished = sum(set(case["expect"]) == {"note"} for case in cases)
    said = f"{len(cases)} cases in {arguments.out}"
    print(f"{said}; {unfinished} need somebody to say what must come back")  # noqa: T201
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from eval.exporters import export_beir, export_promptfoo, pages_of_store  # noqa: PLC0415
    from eval.suite_reader import read_suite  # noqa: PLC0415

    suite = read_suite(arguments.suite)
    if arguments.to == "promptfoo":
        files = [export_promptfoo(suite, arguments.out, url=arguments.url)]
    elif arguments.store is None:
        raise UserError("BEIR's shape holds the pages too: pass --store DIR")
    else:
        files = export_beir(suite, arguments.out, pages=pages_of_store(arguments.store))
    for path in files:
        print(path)  # noqa: T201
    return 0
