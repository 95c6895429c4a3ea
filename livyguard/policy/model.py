"""The policy file as a value: clusters, defaults, tenants, limits."""

from __future__ import annotations

from datetime import datetime, timezone
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    StrictBool,
    field_validator,
    model_validator,
)

from livyguard.policy import kinds
from livyguard.policy.identity import Trust  # noqa: TC001 - pydantic reads the annotation
from livyguard.policy.keys import limited_property
from livyguard.policy.limit import Limit, OnViolation, Strict, fault, keyed
from livyguard.policy.properties import FIELDS
from livyguard.policy.states import STATES
from livyguard.policy.units import Unreadable, read_time, shown, shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Cluster", "Grant", "Holding", "Policy", "Quota", "Rules", "Tenant", "Test", "parse"]

#: The name under which a user whom no tenant matches is shown.
DEFAULTS = "defaults"


def _size(value: Any) -> Any:
    try:
        kinds.MEBIBYTES.read(value)
    except Unreadable as error:
        raise fault(str(error)) from None
    return value


def _time(value: Any) -> Any:
    try:
        kinds.SECONDS.read(value)
    except Unreadable as error:
        raise fault(str(error)) from None
    return value


def _limit_key(key: str) -> str:
    try:
        limited_property(key)
    except ValueError as error:
        raise fault(str(error)) from None
    return key


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _state(word: str) -> str:
    if word not in STATES:
        close = get_close_matches(word, STATES, n=1)
        meant = f"did you mean {close[0]}" if close else f"Livy knows {', '.join(STATES)}"
        raise fault(f"{shown(word)} is no state of a session; {meant}")
    return word


def is_livys(key: Any) -> bool:
    """Tell whether a key of a session that a test supposes is one of Livy's body, and none of the policy's own."""
    return isinstance(key, str) and (key in FIELDS or key == "conf" or key.startswith(("spark.", "livy.")))


Size = Annotated[str | int, BeforeValidator(_size)]
Time = Annotated[str | int, BeforeValidator(_time)]
Limits = Annotated[dict[Annotated[str, AfterValidator(_limit_key)], Limit], BeforeValidator(keyed)]
Moment = Annotated[datetime, AfterValidator(_utc)]
Whole = Annotated[int, Field(strict=True, ge=0)]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
State = Annotated[str, AfterValidator(_state), Field(json_schema_extra={"enum": list(STATES)})]


class Members(Strict):
    """Users and groups, by globs."""

    users: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)


class Idle(Strict):
    """When a session counts as left alone."""

    after: Time = "30m"


class Quota(Strict):
    """What may be held over all live sessions."""

    sessions: Count | None = None
    executors: Count | None = None
    cores: Count | None = None
    memory: Size | None = None


class Worker(Strict):
    """One worker of the cluster."""

    cores: Whole | None = None
    memory: Size | None = None


class Cluster(Strict):
    """One cluster, and which Livy endpoints lead to it."""

    endpoints: list[str] = Field(default_factory=list)
    manager: Literal["yarn", "kubernetes", "glue", "standalone", "local"] | None = None
    resource_manager: str | None = None
    resource_manager_auth: Literal["none", "simple", "kerberos"] | None = None
    history_server: str | None = None
    workers: Whole | None = None
    worker: Worker | None = None
    worker_type: str | None = None
    minimum_allocation: Size | None = None
    dynamic_allocation: StrictBool | None = None
    spark_defaults: dict[str, Any] = Field(default_factory=dict)


class Rules(Strict):
    """What ``[defaults]`` and every tenant may say."""

    on_violation: OnViolation | None = None
    idle: Idle | None = None
    limits: Limits = Field(default_factory=dict)
    session_configs: dict[str, Any] = Field(default_factory=dict)
    quota: Quota | None = None
    team_quota: Quota | None = None
    unlisted: Literal["allow", "deny"] | None = None


class Tenant(Rules):
    """A named set of users and groups."""

    name: Annotated[str, Field(min_length=1)]
    users: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)
    cluster: str | None = None
    inherits: str | None = None


class Grant(Strict):
    """A dated exception for one user."""

    user: str
    limits: Limits
    until: Moment
    reason: str | None = None


class Holding(Strict):
    """One live session that is held while the request of a test is judged."""

    user: str | None = None
    groups: list[str] = Field(default_factory=list)
    state: State = "idle"
    idle: Time | None = None
    executors: Count | None = None
    memory: Size | None = None
    cores: Count | None = None
    request: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _gathers_what_is_livys(cls, table: Any) -> Any:
        """Put Livy's own keys, which may stand beside the others, into ``request``."""
        if not isinstance(table, dict):
            return table
        own = {key: value for key, value in table.items() if is_livys(key)}
        rest = {key: value for key, value in table.items() if key not in own}
        request = rest.get("request", {})
        if not own or not isinstance(request, dict):
            return rest
        if twice := [key for key in own if key in request]:
            raise fault(f"{', '.join(map(shown_name, twice))} stands in request too; once is enough")
        return {**rest, "request": {**request, **own}}

    @field_validator("idle")
    @classmethod
    def _is_past(cls, value: str | int | None) -> str | int | None:
        if value is not None and read_time(value, 1) < 0:
            raise fault(f"{shown(value)} is below 0")
        return value

    @model_validator(mode="after")
    def _says_one_thing(self) -> Holding:
        sizes = [name for name in ("executors", "memory", "cores") if getattr(self, name) is not None]
        if sizes and self.request is not None:
            raise fault(f"{' and '.join(sizes)} and a request both say how large it is; give the one or the other")
        if self.idle is not None and self.state != "idle":
            raise fault(f"a session whose state is {self.state} is not idle for {shown(self.idle)}")
        return self


class Test(Strict):
    """An expectation that stands in the policy itself."""

    name: str | None = None
    user: str | None = None
    groups: list[str] = Field(default_factory=list)
    trust: Trust = "reported"
    endpoint: str | None = None
    at: Moment | None = None
    holding: list[Holding] = Field(default_factory=list)
    request: dict[str, Any] = Field(default_factory=dict)
    expect: dict[str, Any]


def _named_clusters(table: Any) -> Any:
    """Sort ``[cluster]`` and ``[cluster.NAME]``: a table under another name than a field's is a cluster."""
    if not isinstance(table, dict):
        return table
    own = {key: value for key, value in table.items() if key in Cluster.model_fields or not isinstance(value, dict)}
    named = {key: value for key, value in table.items() if key not in own}
    return {"": own, **{key: {**own, **value} for key, value in named.items()}}


class Policy(Strict):
    """A whole policy, valid."""

    version: Literal[1] = 1
    requires_livyguard: str | None = None
    shared_accounts: list[str] = Field(default_factory=list)
    operators: Members = Field(default_factory=Members)
    cluster: Annotated[dict[str, Cluster], BeforeValidator(_named_clusters)] = Field(default_factory=dict)
    defaults: Rules = Field(default_factory=Rules)
    tenant: list[Tenant] = Field(default_factory=list)
    grant: list[Grant] = Field(default_factory=list)
    test: list[Test] = Field(default_factory=list)
    decision_log: Annotated[str, Field(min_length=1)] | None = None
    _source: str = PrivateAttr("")
    _sources: dict[str, str] = PrivateAttr(default_factory=dict)
    _above: tuple[Policy, ...] = PrivateAttr(())
    _compiled: dict[Any, Any] = PrivateAttr(default_factory=dict)

    @property
    def source(self) -> str:
        """The file or folder that it was read from, as messages call it."""
        return self._source

    def source_of(self, path: str) -> str:
        """Return the file that says something: ``analysts.limits.executors.max``, ``grant[0]``."""
        return self._sources.get(path, self._source)

    @property
    def layers(self) -> tuple[Policy, ...]:
        """This policy, the operator's, and those that stand above it: all limits hold, the last one's preferences."""
        return (self, *self._above)

    def under(self, later: Sequence[Policy]) -> Policy:
        """Return this layer with others above it; what only an operator may say counts in this one alone."""
        stacked = self.model_copy()
        stacked.__pydantic_private__ = {**(self.__pydantic_private__ or {}), "_above": tuple(later), "_compiled": {}}
        return stacked

    def without_rights(self) -> Policy:
        """Return the policy as a user's own: without what only an operator may say of people."""
        return self.model_copy(
            update={"operators": Members(), "shared_accounts": [], "grant": [], "decision_log": None}
        )

    def named(self, source: str, sources: Mapping[str, str]) -> Policy:
        """Return the policy with the place that it was read from, and the files of its parts."""
        self._source, self._sources = source, dict(sources)
        return self

    @property
    def compiled(self) -> dict[Any, Any]:
        """What was worked out of this policy once; empty at first."""
        return self._compiled


def parse(text: str, *, source: str) -> Policy:
    """Read a policy.

    Args:
        text: TOML.
        source: how messages call it, ``policy.toml``.

    Raises:
        InvalidPolicy: with every fault, path by path.
    """
    from livyguard.policy.reading import read  # noqa: PLC0415 - reading builds on the model

    return read([(source, text)], source)
