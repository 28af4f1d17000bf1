"""The command line: `callboard demo`, `index`, `serve`, `ask`, and the sub-commands with a file of their own.

argparse, and imports inside the commands: `callboard ask` then starts without the web framework, the indexer or torch, and
with `--json` without rich.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from catalog_store.errors import CatalogError, NothingIndexed, UserError
from cli.backup import add_backup
from cli.doctor import add_doctor
from cli.evals import add_eval
from cli.insights import add_insights
from cli.key import add_key_command
from cli.mcp import add_mcp
from cli.model import add_model
from cli.slack import add_slack
from cli.usage import UsageError, moment, usable

FAILED, MISUSED, STOPPED = 1, 2, 130
"""Exit codes: it did not work; it was called wrongly; the person stopped it (128 + SIGINT)."""

if TYPE_CHECKING:
    from app.building import BuildReport, Progress

EXAMPLES = """\
examples:
  callboard demo                                         see it work, nothing to set up
  callboard index ~/catalog ~/docs --store ./store       read your own files
  callboard ask "who owns checkout?" --store ./store     one answer
  callboard serve --store ./store                        page and API
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; the usage is one `--help` away.

    Attributes:
        tools: parsers that take over when their name comes first: `callboard eval generate` beside `callboard eval SUITE`.
    """

    tools: Mapping[str, argparse.ArgumentParser] = MappingProxyType({})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Hands over to a tool when one is named first."""
        tool = self.tools.get(args[0]) if args else None
        parse = super().parse_known_args if tool is None else tool.parse_known_args
        return parse(args if tool is None else args[1:], namespace)

    def error(self, message: str) -> NoReturn:
        """Raises instead of printing the whole usage."""
        raise UsageError(f"{message}; see {self.prog} --help")


def app(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments; the process's own when None.

    Returns:
        The exit code.
    """
    try:
        arguments = _parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except UsageError as error:
        return _fail(str(error), MISUSED)
    except CatalogError as error:
        return _fail(str(error), FAILED)
    except BrokenPipeError:  # the reader of our output has gone (`| head`): nothing left to say
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return _fail("stopped", STOPPED)


def _fail(message: str, code: int) -> int:
    from cli.terminal import harmless  # noqa: PLC0415  it brings rich, which a command that succeeds may not need

    _say(harmless(f"callboard: {message}"), file=sys.stderr)
    return code


def _say(text: str, *, file: TextIO | None = None) -> None:
    print(text, file=file or sys.stdout, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="callboard",
        description="Ask your software catalog in plain words.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.set_defaults(run=lambda arguments: _no_command(parser, arguments))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    demo = commands.add_parser(
        "demo",
        help="serve the bundled demo organisation: page and API",
        description="Builds the bundled demo organisation and serves it: page and API on one port. A second start on the same day is instant.",
    )
    demo.add_argument("--host", help="where to listen (default 127.0.0.1)")
    demo.add_argument("--port", help="port (default 8000, or the next free one); 0 takes any")
    demo.set_defaults(run=_demo)

    _index_parser(commands)
    serve = commands.add_parser(
        "serve",
        help="serve page and API",
        description="Serves the web page and the HTTP API, and takes each new snapshot into service without failing a request.",
    )
    serve.add_argument("--store", metavar="STORE", help="the store to serve: a folder, or a URL")
    serve.add_argument(
        "--host", help="where to listen (default 127.0.0.1); 0.0.0.0 opens it to the network"
    )
    serve.add_argument("--port", help="port (default 8000); 0 takes any free one")
    serve.add_argument(
        "--trust-caller",
        action="store_const",
        const=True,
        help="believe `as` and `now` in requests: for tests, evals, and gateways that have checked the caller",
    )
    serve.set_defaults(run=lambda arguments: _quick_start(_serve, arguments))

    ask = commands.add_parser(
        "ask",
        help="one question, one answer",
        description="Answers one question, and shows how it was read and where each fact was written.",
    )
    ask.add_argument("question", help="in plain words; quote it")
    ask.add_argument("--store", metavar="STORE", help="the store to ask: a folder, or a URL")
    ask.add_argument(
        "--as", dest="asker", metavar="REF", help="who asks, for example user:default/jane"
    )
    ask.add_argument(
        "--now", type=moment, metavar="ISO", help="the moment to answer for (default: now)"
    )
    ask.add_argument("--limit", help="most results listed (default 25)")
    ask.add_argument("--json", action="store_true", help="print the body of POST /v1/ask")
    ask.set_defaults(run=lambda arguments: _quick_start(_ask, arguments))
    add_backup(commands)
    add_mcp(commands)
    add_doctor(commands)
    add_model(commands)
    add_slack(commands)
    add_eval(commands, _Parser)
    add_key_command(commands, _Parser)
    add_insights(commands)
    return parser


def _index_parser(commands: argparse._SubParsersAction[_Parser]) -> None:
    index = commands.add_parser(
        "index",
        help="read files and folders, publish a snapshot",
        description="Reads every file and folder given, recognises each format by its content, and publishes one new snapshot. Problems are reported and never stop the build.",
    )
    index.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="files and folders to read"
    )
    index.add_argument(
        "--store",
        metavar="STORE",
        help="where to publish: a folder, or a URL; made when it is not there",
    )
    index.add_argument(
        "--now",
        type=moment,
        metavar="ISO",
        help="the moment the build counts as made (default: now)",
    )
    index.add_argument(
        "--all-problems",
        action="store_true",
        help="list every problem, not only the first of each kind",
    )
    index.add_argument(
        "--watch",
        action="store_true",
        help="stay, and publish again whenever a file changes; only what changed is read",
    )
    index.set_defaults(run=_index)


def _no_command(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    if arguments.version:
        from importlib.metadata import version  # noqa: PLC0415

        _say(f"callboard {version('callboard')}")
        return 0
    parser.print_help()
    return MISUSED


def _quick_start(run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Look for no garbage while everything is imported and opened, which leaves none: a tenth of a cold question, a fifth of a start."""
    gc.disable()
    try:
        return run(arguments)
    finally:
        gc.enable()


def _ask(arguments: argparse.Namespace) -> int:
    # looking for plugins of its models reads the metadata of every installed package
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from app.callers import OPERATOR, Caller  # noqa: PLC0415
    from app.serving import open_serving  # noqa: PLC0415
    from app.settings import MAX_QUESTION, load_settings  # noqa: PLC0415
    from app.usage import usage_of  # noqa: PLC0415
    from catalog_store.model.entity import EntityRef  # noqa: PLC0415

    settings = usable(lambda: load_settings({"store": arguments.store, "limit": arguments.limit}))
    store = usable(settings.require_store)
    if not arguments.question.strip():
        raise UsageError("the question is empty")
    if len(arguments.question) > MAX_QUESTION:
        raise UsageError(
            f"the question has {len(arguments.question)} characters; at most {MAX_QUESTION} are read"
        )
    asker = (
        usable(lambda: str(EntityRef.parse(arguments.asker, default_kind="User")))
        if arguments.asker
        else None
    )
    model = None
    if settings.writer_url is not None:
        from app.language_model import language_model  # noqa: PLC0415  it brings an event loop

        model = usable(lambda: language_model(settings))
    serving = open_serving(store, rules=settings.visibility, model=model)
    caller = Caller.named(asker) if asker else OPERATOR
    usage = usage_of(settings, store.folder)
    begun = time.perf_counter()
    try:
        answer = serving.seen_by(caller).ask(
            arguments.question,
            now=arguments.now or datetime.now(UTC),
            limit=settings.limit,
        )
        usage.asked(
            "cli",
            answer,
            question=arguments.question,
            asker=asker,
            snapshot=serving.id,
            seconds=time.perf_counter() - begun,
        )
        usage.close()
    finally:
        serving.close()
    if arguments.json:
        _say(answer.model_dump_json(indent=2))
    else:
        from cli.show import show_answer  # noqa: PLC0415

        show_answer(answer, question=arguments.question)
    return 0


def _index(arguments: argparse.Namespace) -> int:
    from app.building import build_index, local_embedder  # noqa: PLC0415
    from app.serving import catalog_quality  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from cli.progress import build_progress  # noqa: PLC0415
    from cli.report import rebuilt, show_quality, show_report  # noqa: PLC0415

    settings = usable(lambda: load_settings({"store": arguments.store}))
    store = usable(settings.require_store)
    missing = [str(path) for path in arguments.paths if not path.exists()]
    if len(missing) == len(arguments.paths):
        raise UserError("there is nothing at " + ", ".join(missing))
    now = arguments.now or datetime.now(UTC)

    def build(moment: datetime, progress: Progress | None = None) -> BuildReport:
        return build_index(
            arguments.paths,
            store=store,
            now=moment,
            embedder=lambda: local_embedder(settings.cache_dir),
            progress=progress,
            refinements=settings.refinements,
        )

    def first() -> None:
        with build_progress() as progress:
            report = build(now, progress)
        show_report(report, store=store.address, every_problem=arguments.all_problems)
        if report.snapshot is None:
            raise NothingIndexed(
                "nothing was indexed: no input held anything that could be read; an earlier snapshot keeps serving"
            )
        show_quality(catalog_quality(store, now=now))

    if not arguments.watch:
        first()
        return 0
    from app.watch import follow  # noqa: PLC0415

    def begun() -> None:
        first()
        _say("Watching for changes; Ctrl-C ends it.")

    def rebuild(changed: int) -> None:
        at = datetime.now(UTC)
        _say(rebuilt(build(arguments.now or at), changed=changed, at=at.astimezone()))

    follow(arguments.paths, store=store.folder, begun=begun, changed=rebuild)
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from app.settings import load_settings  # noqa: PLC0415

    given = {name: getattr(arguments, name) for name in ("store", "host", "port", "trust_caller")}
    settings = usable(lambda: load_settings(given))
    store = usable(settings.require_store)
    from api.server import address_of, listen, serve  # noqa: PLC0415
    from app.language_model import language_model  # noqa: PLC0415
    from app.live import LiveAssistant, open_warm  # noqa: PLC0415
    from app.wiring import Wiring  # noqa: PLC0415

    sock = listen(settings.host, settings.port)
    model = usable(lambda: language_model(settings))
    opened = partial(open_warm, rules=settings.visibility, model=model, policy=settings.usage)
    live = LiveAssistant(store, open_store=opened)
    address = address_of(sock)

    def ready() -> None:
        gc.enable()
        _say(f"Callboard answers at {address}  (API: {address}/docs)")

    try:
        serve(Wiring(settings, live), sock, ready=ready)
    finally:
        live.close()
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from app.settings import load_settings  # noqa: PLC0415
    from cli.demo import run_demo  # noqa: PLC0415

    settings = usable(lambda: load_settings({"host": arguments.host, "port": arguments.port}))
    run_demo(settings, near=arguments.port is None)
    return 0
