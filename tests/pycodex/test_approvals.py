"""Decisions about commands; the texts and the ways of reading scripts were measured on both binaries."""

from __future__ import annotations

from pycodex.approvals import ApprovalPolicy, Ask, Refuse, Run, Verdict, decide, escalation
from pycodex.exec_rules import Rule, Rules
from pycodex.upstream import load_dialect

OLD, NEW = (load_dialect(version).exec.approval for version in ("0.115.0", "0.169.0"))
RULES = Rules(
    rules=(
        Rule(pattern=(("touch",),), decision="allow", justification=None),
        Rule(pattern=(("ls",),), decision="forbidden", justification=None),
        Rule(pattern=(("ls",), ("-l",)), decision="forbidden", justification="too long"),
        Rule(pattern=(("cat",),), decision="prompt", justification="why"),
        Rule(pattern=(("rm",), ("-rf",), ("kept",)), decision="allow", justification=None),
        Rule(pattern=(("bash",), ("-lc",), ("ls > x",)), decision="forbidden", justification="as one command"),
    )
)


def said(script: str, *, policy: ApprovalPolicy = "never", old: bool = False, rules: Rules = RULES) -> Verdict:
    return decide(policy, rules, OLD if old else NEW, ["/bin/bash", "-lc", script])


def test_without_rules_everything_runs_inside() -> None:
    assert said("anything | at > all", rules=Rules()) == Run(confined=True)


def test_forbidden() -> None:
    forbidden = "`/bin/bash -lc ls` rejected: policy forbids commands starting with `ls`"
    assert said("ls") == Refuse(refusal=forbidden)
    assert said("echo x && ls -l | wc") == Refuse(refusal="`/bin/bash -lc 'echo x && ls -l | wc'` rejected: too long")
    assert said("/usr/local/bin/ls") == Refuse(
        refusal="`/bin/bash -lc /usr/local/bin/ls` rejected: policy forbids commands starting with `ls`"
    )
    assert said("ls > x") == Refuse(refusal="`/bin/bash -lc 'ls > x'` rejected: as one command")
    assert said("echo $(ls)") == Run(confined=True)


def test_what_a_person_would_be_asked() -> None:
    refusal = "approval required by policy, but AskForApproval is set to Never"
    assert said("cat x") == Refuse(refusal=refusal)
    assert said("cat x", policy="on-request") == Ask(refusal=refusal, reason="why")
    dangerous = said("rm -rf other")
    assert isinstance(dangerous, Refuse)
    assert said("rm -rf other", policy="on-request") == Ask(refusal=dangerous.refusal)


def test_allowed_commands_leave_the_sandbox() -> None:
    assert said("touch x") == Run(confined=False)
    assert said("rm -rf kept") == Run(confined=False)
    assert said("touch x && rm -rf kept") == Run(confined=False)
    assert said("touch x > y") == Run(confined=True)


def test_one_allowed_command_is_enough_for_one_version() -> None:
    assert said("touch x; echo y", old=True) == Run(confined=False)
    assert said("touch x; echo y") == Run(confined=True)


def test_escalation() -> None:
    refusal = (
        "approval policy is Never; reject command — you cannot ask for escalated permissions"
        " if the approval policy is Never"
    )
    assert escalation("never", {"cmd": "x", "sandbox_permissions": "use_default"}) == Run()
    asked = {"sandbox_permissions": "require_escalated", "justification": "May I?"}
    assert escalation("never", asked) == Refuse(refusal=refusal)
    assert escalation("on-request", asked) == Ask(refusal=refusal, reason="May I?")
    assert escalation("never", {"additional_permissions": {}}) == Refuse(refusal=refusal)
