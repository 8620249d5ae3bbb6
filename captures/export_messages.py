"""Words of upstream to a thread that goes on, as recordings show them: other tools, another model, an early end.

Each function takes one recording and gives (file name, text) pairs, as the table in `captures.export` wants them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from captures.recording import Recording

__all__ = [
    "agents_md_updates",
    "compaction",
    "content_filter_guidance",
    "context_texts",
    "deferred_tools",
    "deferred_tools_of_prompt",
    "generated_images",
    "init",
    "model_switch",
    "personality_changed",
    "plan_mode",
    "skills_updates",
    "skills_without_room",
    "teammate",
    "turn_aborted",
]

Files = Iterator[tuple[str, str]]


def compaction(recording: Recording) -> Files:
    """What asks for a summary (without tools), and what stands before it in the history that follows."""
    asked, following = (
        request["body"]["input"][-1]["content"][0]["text"] for request in recording.tree["requests"][1:3]
    )
    yield "texts/compact.md", asked
    yield "texts/compacted.md", following.partition("\n")[0]


def deferred_tools(recording: Recording) -> Files:
    """The list of tool namespaces that the model must search for, and what is said when they are gone or more."""
    for request in range(len(recording.tree["requests"])):
        for text in context_texts(recording, request):
            if text.startswith("<tools>"):
                word = text.removeprefix("<tools>\n").partition(" ")[0].lower()
                yield f"texts/tools_{word}.md", text


def deferred_tools_of_prompt(recording: Recording) -> Files:
    """The same where a person is there and other agents need not be searched for."""
    for text in context_texts(recording):
        if text.startswith("<tools>"):
            yield "texts/tools_deferred.prompt.no_agents.md", text


def model_switch(recording: Recording) -> Files:
    """What a resumed thread is told of its new model; name and base prompt as places."""
    base = recording.tree["requests"][-1]["body"].get("instructions", "")
    for text in context_texts(recording, request=-1):
        kind = text[1:].partition(">")[0]
        if kind in ("model_switch", "model_instructions"):
            base = (
                base if base and base in text else text.partition("instructions:\n\n")[2].removesuffix(f"\n</{kind}>")
            )
            text = text.replace(base, "{base_instructions}")
            yield f"texts/{kind}.md", re.sub(r"(The current model is )\S+\.", r"\1{model}.", text)


def personality_changed(recording: Recording) -> Files:
    """What a thread is told of another personality; the model's words for it as a place."""
    for text in context_texts(recording, request=1):
        if text.startswith("<personality_spec>"):
            head, _, rest = text.partition("\n")
            yield "texts/personality_changed.md", f"{head}\n{{personality}}{rest[rest.rindex(' </') :]}"


def generated_images(recording: Recording) -> Files:
    """What the model is told of the images that it makes; the folder as a place."""
    for text in context_texts(recording, request=1):
        if text.startswith("Generated images"):
            folder = text.partition(" are saved to ")[2].partition(" ")[0]
            yield "texts/generated_images.md", text.replace(folder, "{folder}")


def agents_md_updates(recording: Recording) -> Files:
    """What a thread is told when other AGENTS.md count, or none any more."""
    every = range(len(recording.tree["requests"]))
    for text in (text for request in every for text in context_texts(recording, request, role="user")):
        body = text.partition("<INSTRUCTIONS>\n")[2]
        if "no longer apply" in body:
            yield "texts/agents_md_gone.md", text
        elif body.startswith("These "):
            yield "texts/agents_md_replaced.md", body.partition("\n")[0]


def skills_updates(recording: Recording) -> Files:
    """What a thread is told when skills are no longer listed, or there are none any more."""
    for request in range(len(recording.tree["requests"])):
        for text in context_texts(recording, request):
            if text.startswith("<skills_instructions>") and "update\n" in text:
                key = "host_skills" if "## Host" in text else "skills"
                yield f"texts/{key}_update.{'unlisted' if 'not listed' in text else 'none'}.md", text


def skills_without_room(recording: Recording) -> Files:
    """The list of skills where there is room for none."""
    for text in context_texts(recording, request=-1):
        if text.startswith("<skills_instructions>"):
            yield "texts/skills_without_room.md", text


def teammate(recording: Recording) -> Files:
    """What an agent that another one has begun is told of its role, and of the history that it has of that one."""
    for text in context_texts(recording, request=-1):
        if text.startswith("You are an agent in a team"):
            yield "texts/multi_agent_role.subagent.md", text
        if text.startswith("You are now a newly spawned"):
            yield "texts/multi_agent_inherited.md", text


def turn_aborted(recording: Recording) -> Files:
    """What an interrupted turn leaves in its thread: what the user is made to say, or the program says in a team."""
    for line in recording.tree["rollouts"][0]["lines"]:
        record = line["$json"] if isinstance(line, dict) else {}
        for part in record.get("payload", {}).get("content") or ():
            if part.get("text", "").startswith("<turn_aborted>"):
                name = "turn_aborted.md" if record["payload"]["role"] == "user" else "turn_aborted.team.md"
                yield f"texts/{name}", part["text"]


def plan_mode(recording: Recording) -> Files:
    """What the model is told of plan mode, and what rollouts keep of that."""
    for text in context_texts(recording):
        if text.startswith("<collaboration_mode>"):
            yield "texts/collaboration_mode.plan.md", text
    for line in recording.tree["rollouts"][0]["lines"]:
        record = line["$json"] if isinstance(line, dict) else {}
        if record.get("type") == "turn_context":
            yield (
                "texts/collaboration_mode.plan.kept.md",
                record["payload"]["collaboration_mode"]["settings"]["developer_instructions"],
            )


def init(recording: Recording) -> Files:
    """What /init asks for."""
    yield "texts/init.md", recording.tree["requests"][0]["body"]["input"][-1]["content"][0]["text"]


def content_filter_guidance(recording: Recording) -> Files:
    """What the model is told before it is asked again for an answer that a filter cut off."""
    texts = context_texts(recording, request=1)
    yield from (("texts/content_filter_guidance.md", t) for t in texts if t.startswith("<content_filter_guidance>"))


def context_texts(recording: Recording, request: int = 0, role: str = "developer") -> Iterator[str]:
    for item in recording.tree["requests"][request]["body"]["input"]:
        if item.get("role") == role:
            yield from (part["text"] for part in item.get("content", ()))
