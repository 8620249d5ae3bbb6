"""Which checks there are, in which order, what each needs and how long it may take: all are made, however many fail."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Sequence

from pycodex.doctor.as_codex import auth_credentials, config_load, network_env
from pycodex.doctor.backend import check_models
from pycodex.doctor.confinement import check_sandbox
from pycodex.doctor.live import check_live
from pycodex.doctor.on_disk import check_config, check_dotenv, check_key, check_provider
from pycodex.doctor.places import speaks_chat
from pycodex.doctor.probes import provider_reachability, websocket_reachability
from pycodex.doctor.report import Check
from pycodex.doctor.secrets import masked, secrets_of
from pycodex.doctor.subject import Subject
from pycodex.doctor.way import check_dns, check_proxy, check_tcp, check_tls
from pycodex.records import dataclass, replace

__all__ = ["STEPS", "Step", "examine", "examine_network"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One check: `needs` are ids without which it says nothing, `seconds` its deadline."""

    id: str
    category: str
    run: Callable[[Subject], Check | Awaitable[Check]]
    needs: tuple[str, ...] = ()
    seconds: float = 5
    live: bool = False
    own: bool = True
    """Whether it is a check that codex-cli does not make."""
    of_chat: bool = False
    """Whether it is one of chat/completions backends only."""


async def _reachability(subject: Subject) -> Check:
    """As codex-cli; but that a provider tells of no models is a warning: no request of pycodex needs them."""
    return await provider_reachability(subject, models_required=False)


_REACHED = ("config.load", "provider.address", "network.proxy", "network.dns", "network.tcp", "network.tls")

_NOT_MADE = "not looked at: "

STEPS = (
    Step(id="config.load", category="config", run=check_config, own=False),
    Step(id="config.dotenv", category="dotenv", run=check_dotenv),
    Step(id="provider.address", category="provider", run=check_provider, needs=_REACHED[:1]),
    Step(id="auth.credentials", category="auth", run=auth_credentials, needs=_REACHED[:1], own=False),
    Step(id="auth.key", category="key", run=check_key, needs=_REACHED[:1]),
    Step(id="sandbox.run", category="sandbox", run=check_sandbox, needs=_REACHED[:1], seconds=15),
    Step(id="network.env", category="network", run=network_env, own=False),
    Step(id="network.proxy", category="proxy", run=check_proxy, needs=_REACHED[:2]),
    Step(id="network.dns", category="dns", run=check_dns, needs=_REACHED[:3]),
    Step(id="network.tcp", category="tcp", run=check_tcp, needs=_REACHED[:4]),
    Step(id="network.tls", category="tls", run=check_tls, needs=_REACHED[:5], seconds=10),
    Step(
        id="network.websocket_reachability",
        category="websocket",
        run=websocket_reachability,
        needs=_REACHED,
        seconds=20,
        own=False,
    ),
    Step(
        id="network.provider_reachability",
        category="reachability",
        run=_reachability,
        needs=_REACHED,
        seconds=10,
        own=False,
    ),
    Step(id="backend.models", category="models", run=check_models, needs=(*_REACHED, "auth.key"), of_chat=True),
    Step(
        id="live.request",
        category="live",
        run=check_live,
        needs=(*_REACHED, "auth.key", "backend.models"),
        seconds=60,
        live=True,
    ),
)


async def examine(subject: Subject, *, live: bool, steps: Sequence[Step] = STEPS) -> list[Check]:
    """Each check in turn. One whose need failed is skipped, and so is the live request where it is not wanted."""
    done: dict[str, Check] = {}
    secrets = secrets_of(subject.environment, subject.settings)
    for step in steps:
        if step.of_chat and (subject.settings is None or not speaks_chat(subject.settings)):
            continue
        lost = next((id_ for id_ in step.needs if id_ in done and _lost(id_, done)), None)
        if lost is not None:
            done[step.id] = _skipped(step, f"{_NOT_MADE}it needs {lost}")
        elif step.live and not live:
            done[step.id] = _skipped(step, "not asked: --skip-live")
        else:
            done[step.id] = _without(await _made(step, subject), secrets)
    return list(done.values())


def _lost(id_: str, done: dict[str, Check]) -> bool:
    """Whether it failed, or was not made because something else did; what does not apply is no loss."""
    check = done[id_]
    return check.status == "fail" or (check.status == "skipped" and check.summary.startswith(_NOT_MADE))


def _skipped(step: Step, why: str) -> Check:
    return Check(id=step.id, category=step.category, status="skipped", summary=why)


async def _made(step: Step, subject: Subject) -> Check:
    """The check within its deadline; one that breaks is a finding, too."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(step.seconds):
            found = step.run(subject)
            check = await found if inspect.isawaitable(found) else found
    except TimeoutError:
        summary = f"no answer within {step.seconds:g} seconds"
        remedy = "Check network, proxy, VPN and firewall, and whether the server is overloaded"
        check = Check(id=step.id, category=step.category, status="fail", summary=summary, remedy=remedy)
    except Exception as error:  # a check must not take the others with it
        summary = f"the check itself broke: {type(error).__name__}: {error}"
        remedy = "Report it, with the output of --json"
        check = Check(id=step.id, category=step.category, status="fail", summary=summary, remedy=remedy)
    spent = subject.milliseconds if step.id == "config.load" else int((time.monotonic() - started) * 1000)
    return replace(check, milliseconds=spent, plain=check.plain or step.own)


def _without(check: Check, secrets: Sequence[str]) -> Check:
    """The check with every secret masked, wherever a server or a file may have put it."""
    return replace(
        check,
        summary=masked(check.summary, secrets),
        details=tuple((name, masked(value, secrets)) for name, value in check.details),
        remedy=None if check.remedy is None else masked(check.remedy, secrets),
    )


async def examine_network(subject: Subject) -> list[Check]:
    """The checks of --network-only, those of codex-cli and no others; without a configuration there is one."""
    config = replace(config_load(subject, alone=True), milliseconds=subject.milliseconds)
    if subject.broken is not None:
        return [config]
    probes = [await _timed(probe(subject)) for probe in (websocket_reachability, provider_reachability)]
    return [config, network_env(subject), *probes]


async def _timed(running: Awaitable[Check]) -> Check:
    started = time.monotonic()
    check = await running
    return replace(check, milliseconds=int((time.monotonic() - started) * 1000))
