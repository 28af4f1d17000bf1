"""Every setting, in one table; the only reader of the environment and of `callboard.yaml`.

A value given on the command line wins over the environment, the environment over the file, the file over the default.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app import setting_values as values
from app.identity.settings import Access, read_access
from app.sections import SECTIONS, read_sections
from app.usage_section import USAGE_SECTIONS, UsagePolicy, read_usage_policy
from app.visibility_section import ACCESS_SECTIONS, read_visibility
from catalog_store.errors import UserError
from catalog_store.model.refinements import Refinements
from catalog_store.model.visibility import VisibilityRule
from catalog_store.stores import Store, store_at

CONFIG_FILE = "callboard.yaml"
"""Read from the working directory when it is there, unless CALLBOARD_CONFIG names another file."""

MAX_LIMIT = 1000
"""Most results one answer may list; a page of more helps nobody."""

MAX_QUESTION = 2000
"""Longest question, in characters; people's questions stay below 300."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: the key in `callboard.yaml`.
        read: turns what was written into the value; raises ValueError when it cannot.
        expected: what `read` accepts, for the message when it refuses.
        default: gives the value when nobody set one.
        help: what it decides, in a sentence.
        unit: of numbers; None for a bare value.
        secret: its value is never shown, also not in an error.
    """

    name: str
    read: Callable[[object], object]
    expected: str
    default: Callable[[], object]
    help: str
    unit: str | None = None
    secret: bool = False

    @property
    def env(self) -> str:
        """The environment variable.

        >>> SETTING_BY_NAME["port"].env
        'CALLBOARD_PORT'
        """
        return f"CALLBOARD_{self.name.upper()}"


def _cache_dir() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415  not on the path of `callboard ask`

    return user_cache_path("callboard")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "store",
        values.store,
        "a folder, or a URL such as postgresql://user@host/database or s3://bucket/prefix",
        lambda: None,
        "Where snapshots are published: a folder, or a store that machines share ([scale.md](scale.md)).",
    ),
    Setting(
        "host",
        values.text,
        "an address to listen on",
        lambda: "127.0.0.1",
        "Where `serve` listens; 0.0.0.0 opens it to the network.",
    ),
    Setting(
        "port",
        values.whole(0, 65535),
        "a whole number from 0 to 65535",
        lambda: 8000,
        "The port `serve` listens on; 0 takes any free one.",
    ),
    Setting(
        "trust_caller",
        values.switch,
        "yes or no",
        lambda: False,
        "Believe `as` and `now` in requests: for tests, evals and gateways that have checked the caller.",
    ),
    Setting(
        "limit",
        values.whole(1, MAX_LIMIT),
        f"a whole number from 1 to {MAX_LIMIT}",
        lambda: 25,
        "How many results an answer lists when the caller does not say.",
        unit="results",
    ),
    Setting(
        "cors_origins",
        values.origins,
        "web origins such as https://portal.example.com, or *",
        tuple,
        "Pages of which origins may call the API and embed the search box; none but its own unless set.",
    ),
    Setting(
        "rate_limit",
        values.whole(0, 1_000_000),
        "a whole number from 0 to 1000000",
        lambda: 0,
        "How much one client may ask, by its address; 0 for any number.",
        unit="requests a minute",
    ),
    Setting(
        "max_concurrent",
        values.whole(1, 100_000),
        "a whole number from 1 to 100000",
        lambda: 256,
        "How many requests are answered at once; further ones are told to come back.",
        unit="requests",
    ),
    Setting(
        "time_limit",
        values.whole(1, 3600),
        "a whole number from 1 to 3600",
        lambda: 30,
        "How long an answer may take before the client is told that it was too slow.",
        unit="seconds",
    ),
    Setting(
        "cache_dir",
        values.path,
        "a folder",
        _cache_dir,
        "Where prepared model files and the demo's store are kept; safe to delete.",
    ),
    Setting(
        "log_level",
        values.log_level,
        "one of " + ", ".join(values.LOG_LEVELS),
        lambda: "info",
        "How much the server logs to stderr.",
    ),
    Setting(
        "traces",
        values.traces,
        "off or otlp",
        lambda: "off",
        "Whether OpenTelemetry traces are sent; where to is set by `OTEL_EXPORTER_OTLP_ENDPOINT`. Needs `callboard[otel]`.",
    ),
    Setting(
        "vectors",
        values.text,
        "the address of a Milvus",
        lambda: None,
        "A Milvus that holds the vectors of a store that machines share; without one they lie with the rest.",
    ),
    Setting(
        "events_token",
        values.text,
        "text",
        lambda: None,
        "The bearer token that events must carry when their sender signs nothing; any event is taken without one.",
        secret=True,
    ),
    Setting(
        "pagerduty_secret",
        values.text,
        "text",
        lambda: None,
        "Signs PagerDuty's webhooks (`X-PagerDuty-Signature`).",
        secret=True,
    ),
    Setting(
        "github_secret",
        values.text,
        "text",
        lambda: None,
        "Signs GitHub's webhooks (`X-Hub-Signature-256`).",
        secret=True,
    ),
    Setting(
        "gitlab_secret",
        values.text,
        "text",
        lambda: None,
        "The token of GitLab's webhooks (`X-Gitlab-Token`).",
        secret=True,
    ),
    Setting(
        "incident_io_secret",
        values.text,
        "a Svix secret (`whsec_…`)",
        lambda: None,
        "Signs incident.io's webhooks (Standard Webhooks, `webhook-signature`).",
        secret=True,
    ),
    Setting(
        "page_url",
        values.address,
        "an address such as https://callboard.example.com",
        lambda: None,
        "Where people reach the web page; answers in Slack link to it.",
    ),
    Setting(
        "writer_url",
        values.address,
        "an address such as http://127.0.0.1:8080/v1",
        lambda: None,
        "An OpenAI-compatible endpoint that words passages into prose, every sentence checked against its passage; off unless set.",
    ),
    Setting(
        "writer_model",
        values.text,
        "text",
        lambda: "default",
        "The model's name at that endpoint.",
    ),
    Setting(
        "writer_key",
        values.text,
        "text",
        lambda: None,
        "The key that endpoint wants, if it wants one.",
        secret=True,
    ),
    Setting(
        "writer_reads",
        values.switch,
        "yes or no",
        lambda: False,
        "Whether that model may also propose a reading where the grammar finds none; it is checked, and marked in the answer.",
    ),
    Setting(
        "writer_timeout",
        values.whole(1, 600),
        "a whole number from 1 to 600",
        lambda: 10,
        "How long an answer waits for the model; then it is the quoted passage.",
        unit="seconds",
    ),
    Setting(
        "slack_bot_token",
        values.token("xoxb-"),
        "a bot token (`xoxb-…`)",
        lambda: None,
        "What the Slack bot posts with: *OAuth & Permissions* of the app.",
        secret=True,
    ),
    Setting(
        "slack_app_token",
        values.token("xapp-"),
        "an app-level token (`xapp-…`) with the scope `connections:write`",
        lambda: None,
        "Connects the Slack bot in socket mode, which needs no public address.",
        secret=True,
    ),
    Setting(
        "slack_signing_secret",
        values.text,
        "text",
        lambda: None,
        "Checks what Slack sends in HTTP mode, used where no app-level token is set: *Basic Information* of the app.",
        secret=True,
    ),
    Setting(
        "slack_external",
        values.switch,
        "yes or no",
        lambda: False,
        "Answer guests, and in Slack Connect channels, which people of other organisations read.",
    ),
    Setting(
        "slack_api_url",
        values.address,
        "an address such as https://slack.com/api",
        lambda: "https://slack.com/api",
        "Slack's Web API; GovSlack has another address.",
    ),
)

SETTING_BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; one attribute for each row of `SETTINGS`, and what the file's sections say about facts."""

    store: Path | str | None
    host: str
    port: int
    trust_caller: bool
    limit: int
    cache_dir: Path
    log_level: str
    traces: str
    cors_origins: tuple[str, ...] = ()
    rate_limit: int = 0
    max_concurrent: int = 256
    time_limit: int = 30
    vectors: str | None = None
    events_token: str | None = field(default=None, repr=False)
    pagerduty_secret: str | None = field(default=None, repr=False)
    github_secret: str | None = field(default=None, repr=False)
    gitlab_secret: str | None = field(default=None, repr=False)
    incident_io_secret: str | None = field(default=None, repr=False)
    page_url: str | None = None
    writer_url: str | None = None
    writer_model: str = "default"
    writer_key: str | None = field(default=None, repr=False)
    writer_reads: bool = False
    writer_timeout: int = 10
    slack_bot_token: str | None = field(default=None, repr=False)
    slack_app_token: str | None = field(default=None, repr=False)
    slack_signing_secret: str | None = field(default=None, repr=False)
    slack_external: bool = False
    slack_api_url: str = "https://slack.com/api"
    refinements: Refinements = field(default_factory=Refinements)
    visibility: tuple[VisibilityRule, ...] = ()
    access: Access = field(default_factory=Access)
    usage: UsagePolicy = field(default_factory=UsagePolicy)

    def require_store(self) -> Store:
        """The store, not yet opened.

        Raises:
            UserError: nobody named one; says how to. Or its address is of no known kind, or its driver is not installed.
        """
        if self.store is None:
            raise UserError(
                f"no store given; pass --store DIR, or set {SETTING_BY_NAME['store'].env}, or `store:` in {CONFIG_FILE}"
            )
        return store_at(self.store, cache=self.cache_dir, vectors=self.vectors)


def load_settings(
    given: Mapping[str, object] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Read every setting from where it was set.

    Args:
        given: values from the command line; None values count as not given.
        env: the environment; the process's own when None.
        config: the settings file; must exist. None reads CALLBOARD_CONFIG, else `callboard.yaml` if there is one.

    Raises:
        UserError: a value has the wrong shape, a name is unknown, or the file cannot be read; the message names the
            setting, the value, what was expected, and where it was set.

    >>> load_settings({"port": 9000}, env={"CALLBOARD_PORT": "1"}).port
    9000
    """
    environment = os.environ if env is None else env
    path = config or config_path(environment)
    written = _read_file(path) if path is not None else {}
    values: dict[str, object] = {}
    for setting in SETTINGS:
        option = (given or {}).get(setting.name)
        if option is not None:
            values[setting.name] = _read(setting, option, f"--{setting.name.replace('_', '-')}")
        elif setting.env in environment:
            values[setting.name] = _read(
                setting, environment[setting.env], f"environment variable {setting.env}"
            )
        elif setting.name in written:
            values[setting.name] = _read(setting, written[setting.name], str(path))
        else:
            values[setting.name] = setting.default()
    values["refinements"] = read_sections(written, str(path)) if written else Refinements()
    values["access"] = read_access(written.get("access"), str(path))
    values["visibility"] = read_visibility(written.get("visibility"), str(path))
    values["usage"] = read_usage_policy(written.get("usage"), str(path))
    return Settings(**values)  # type: ignore[arg-type]  # `_read` gave each its type


def _read(setting: Setting, value: object, where: str) -> object:
    try:
        return setting.read(value)
    except ValueError:
        shown = "unusable" if setting.secret else repr(value)
        raise UserError(
            f"setting {setting.name!r} is {shown} in {where}; expected {setting.expected}"
        ) from None


def config_path(env: Mapping[str, str]) -> Path | None:
    """The settings file in force: the one that is named, else the usual one where there is one."""
    named = env.get("CALLBOARD_CONFIG")
    if named:
        return Path(named).expanduser()
    usual = Path(CONFIG_FILE)
    return usual if usual.is_file() else None


def _read_file(path: Path) -> dict[str, object]:
    import yaml  # noqa: PLC0415  only when there is a file

    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the settings file {str(path)!r} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise UserError(
            f"the settings file {str(path)!r} is not valid YAML: {' '.join(str(error).split())}"
        ) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UserError(
            f"the settings file {str(path)!r} holds a {type(data).__name__}; expected `name: value` lines"
        )
    for name in data:
        known = (*SETTING_BY_NAME, *SECTIONS, *ACCESS_SECTIONS, *USAGE_SECTIONS)
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(known)
            raise UserError(f"unknown setting {name!r} in {path}; {hint}")
    return {str(name): value for name, value in data.items() if value is not None}
