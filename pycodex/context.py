"""ContextManager: the history of one thread, the context put before the user's text, and the input of each request."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import items
from pycodex.ids import uuid4, uuid5, uuid7
from pycodex.protocol import ContextItem, Item, Part, Usage
from pycodex.records import dataclass, field
from pycodex.subagents import Parent

if TYPE_CHECKING:
    from pycodex.git_info import GitInfo
    from pycodex.rate_limits import Limits
    from pycodex.rollback import Cut
    from pycodex.settings import Settings

__all__ = ["ContextManager", "Thread", "Turn"]

_SKILLS: Mapping[str, Any] = {"provenance": {"type": "skills"}}
_OID = "6ba7b812-9dad-11d1-80b4-00c04fd430c8"
"""The namespace of object identifiers (RFC 9562, section 6.6)."""


@dataclass(frozen=True, kw_only=True)
class Thread:
    """Who the thread is."""

    id: str
    context_window_id: str
    installation_id: str
    created_at: float = 0.0
    window_number: int = 0
    """How often it was compacted."""
    first_window_id: str | None = None
    """Its first `context_window_id`, once it was compacted."""
    previous_window_id: str | None = None
    """The `context_window_id` before its last compaction."""
    resumed: bool = False
    cleared: bool = False
    """Whether it stands in the place of one that its user has cleared."""
    source: str | None = "user"
    """Who began it, where its rollout says so."""
    originator: str | None = None
    """What program began it, where it is taken up."""
    forked: bool = False
    """Whether it begins as the copy of another one."""
    forked_from: str | None = None
    """The thread that it was forked from, now or once."""
    forked_at: int | None = None
    """The ordinal of its first own record."""
    cache_key: str | None = None
    """Under which key the provider keeps what it has read, where that is not the session's."""
    session_id: str | None = None
    """Under which id the provider keeps the session, where that is not the thread's own."""
    forked_base: Mapping[str, Any] | None = None
    """What that thread's rollout says of its base prompt."""
    parent: Parent | None = None
    """The turn that began it, if it is a sub-agent's."""
    forked_bytes: int = 0
    """How long the rollout of that thread was."""
    cut: Cut | None = None
    """Where it was cut off, if it goes on from there."""
    inherited_at: int | None = None
    """The ordinal of its first own record, if it has the history of the agent that began it."""
    recorded_window_id: str | None = None
    """What its first record says for `context_window_id`, where that is another one."""

    @classmethod
    def new(cls, installation_id: str | None = None, source: str | None = None) -> Thread:
        """A new thread."""
        return cls(
            id=uuid7(),
            context_window_id=uuid7(),
            installation_id=installation_id or uuid4(),
            created_at=time.time(),
            source="user" if source is None else source,
        )


@dataclass(kw_only=True)
class Turn:
    """The running turn. `state` is what the provider asked to be told back (x-codex-turn-state)."""

    id: str
    started_at: float
    after: str | None = None  # the one that it goes on from
    trigger: str | None = None  # what began it, where that is not told by the mode
    state: str | None = None
    usage: Usage = field(default_factory=Usage)
    compaction: Mapping[str, Any] | None = None
    """What the request says of the compaction that it is for."""
    asked_user: bool = False
    """Whether a tool has asked the user something (captured: interactive/mcp_approval)."""


class ContextManager:
    """Owns the history. Every item that joins it goes through `record_*`; a request's input is a view of it."""

    def __init__(
        self,
        settings: Settings,
        thread: Thread | None = None,
        *,
        history: Sequence[Item] = (),
        previous: Mapping[str, Any] | None = None,
        base_instructions: str | None = None,
        usage: Usage | None = None,
        last_usage: Usage | None = None,
        model_before: Mapping[str, Any] | None = None,
        git: GitInfo | None = None,
    ) -> None:
        """`previous`: the state that the history's last context expresses; None: the context is still to be said."""
        self.settings = settings
        self.thread = thread or Thread.new()
        self.history: list[Item] = [self._capped(item) for item in history if item.get("role") != "system"]
        self.base_instructions = settings.base_instructions if base_instructions is None else base_instructions
        self.opened_with = settings.model.slug
        """The model that the thread was opened with, and whose prompt `base_instructions` is; another one may have been
        chosen before its first turn (captured: interactive/model_other_first)."""
        self.usage = usage or Usage()
        self.last_usage = last_usage or Usage()
        """What the last answer took: how full the context is."""
        self.model_before = model_before
        """The settings of the turn before: its model, and how that reads a history."""
        self.limits: Limits | None = None
        self.reasoning_included = False
        """Whether the provider counts reasoning among the tokens of an answer."""
        self.git = git
        self.notes: Mapping[str, Mapping[str, Any]] = {}
        """What is noted of the history's items, by id: a recorder's business, and a part of requests to OpenAI."""
        self.sources: dict[str, dict[str, Any]] = {}
        """By the item's id, its place among the inputs and what it is the source of: a recorder's business too."""
        self.roots: dict[str, str] = {}
        """By the turn that goes on from others: the first of them (captured: interactive/goal)."""
        self._previous = previous
        self._style = settings.dialect.context
        self._ids = settings.dialect.ids

    @classmethod
    def from_codex_config(cls, **options: Any) -> ContextManager:
        """From config.toml; options as in `pycodex.open_settings`."""
        from pycodex.api import open_settings

        return cls(open_settings(**options))

    def open_turn(self, tools: Sequence[Item] = ()) -> tuple[list[ContextItem], bool]:
        """The context messages of a new turn, recorded; and whether they are the whole initial context.

        `tools`: their declarations, for a thread that opens with them.
        """
        initial = self._previous is None
        opened = self.opens_with_tools
        messages = self._initial() if initial else self._style.update(self._previous or {}, self.settings, opened)
        recorded = self._opening(tools, self._previous or {}) if opened else []
        recorded += [self._said(role, parts) for role, parts in messages]
        self.history += [each.item for each in recorded]
        self._previous = self._style.snapshot(self.settings, opened)
        self.model_before = {"model": self.settings.model.slug, "comp_hash": self.settings.model.get("comp_hash")}
        return recorded, initial

    def _said(self, role: str, parts: Sequence[Part]) -> ContextItem:
        texts = [part.text for part in parts]
        return ContextItem(item=items.message(role, texts, self._ids), parts=tuple(parts))

    @property
    def opens_with_tools(self) -> bool:
        """Whether the tools and the base prompt are items of the history: where the model wants it so, and the history
        began so or is still to begin. To another one they are added as it is sent (captured: rollout/opened_late)."""
        return self._wants_tools and (self._previous is None or items.has_tools(self.history))

    @property
    def _wants_tools(self) -> bool:
        return self.settings.dialect.body.opens_with_tools(self.settings)

    def _opening(self, tools: Sequence[Item], previous: Mapping[str, Any]) -> list[ContextItem]:
        """The tools as an item of the history, where it has none yet, and the base prompt after them, where they begin
        it (captured: rollout/switch_models)."""
        base = self._style.base
        text = self.settings.dialect.body.instructions(self.settings.base_instructions, self.settings)
        declared = ContextItem(item=items.additional_tools(tools, self._ids), parts=())
        if previous:
            return [] if "top_level_tools" in previous else [declared]
        return [
            declared,
            ContextItem(
                item=items.message("developer", [text], self._ids),
                parts=(Part(text=text, kind=base.kind, provenance=base.provenance),),
            ),
        ]

    def _initial(self) -> list[tuple[str, list[Part]]]:
        from pycodex.upstream.included import included

        messages = []
        switched = self._switched()
        style = self._style
        apart = [("developer", (block,)) for block in style.apart]
        for role, blocks in (("developer", style.developer), *apart, ("user", style.user)):
            texts = [(block, block.render(self.settings)) for block in included(blocks, self.settings)]
            parts = [
                Part(text=text, kind=block.kind, provenance=block.provenance)
                for block, text in texts
                if text is not None
            ]
            if blocks is style.developer:
                parts = [*switched, *parts]
            if parts:
                messages.append((role, parts))
            if blocks is style.developer and (window := style.window(self.settings, self.thread)):
                messages.append(("developer", window))
        return messages

    def _switched(self) -> list[Part]:
        """That another model goes on, where the history tells nothing of it (captured: compact/full_other_model)."""
        before = (self.model_before or {}).get("model")
        if before in (None, self.settings.model.slug) or self._wants_tools:
            return []
        from pycodex.upstream.blocks import model_switch

        text = model_switch(self.settings)
        return [Part(text=text, kind="model_switch.instructions", provenance=self._style.base.provenance)]

    def record_user(self, text: str, images: Sequence[str] = (), parts: Sequence[str] = ()) -> Item:
        """The user's text joins the history, after the images (paths) that come with it; `parts` stand for it."""
        item = items.message("user", list(parts) or [text], self._ids)
        if images:
            from pycodex.images import image_parts

            style = self.settings.dialect.images
            shown = image_parts(images, style, "original" if style.detail and self._takes_original else "high")
            item["content"] = [*shown, *item["content"]]
        self.history.append(item)
        return item

    def named_skills(self, text: str) -> tuple[tuple[str, str], ...]:
        """Names and files of the skills that the text names."""
        from pycodex.skills import mentioned

        return tuple((skill.name, str(skill.path)) for skill in mentioned(self.settings.skills, text))

    def record_skills(self, text: str) -> list[ContextItem]:
        """The skills that the user's text names join the history, each as a message of the user."""
        from pycodex.skills import mentioned, read_out

        recorded = []
        for skill in mentioned(self.settings.skills, text):
            content = read_out(skill)
            part = Part(text=content, kind="skills.selected_skill_instructions", provenance=_SKILLS)
            recorded.append(ContextItem(item=items.message("user", [content], self._ids), parts=(part,)))
        self.history += [each.item for each in recorded]
        return recorded

    def record_model(self, item: Item) -> Item | None:
        """A finished item of the model joins the history, in the dialect's shape; None when its kind is dropped."""
        kept = items.keep(item, self.settings.dialect.items, self._ids)
        if kept is not None and kept.get("role") != "system":  # which nobody is sent (captured: answers/user_role)
            self.history.append(kept)
        return kept

    def record_output(self, call: Item, output: str | list[Item]) -> Item:
        """A tool's output joins the history, cut to what that holds; what is returned is whole, as a rollout has it."""
        return self.record(items.output_of(call, output, self._ids))

    def record(self, item: Item) -> Item:
        """An output of a tool, or anything else, joins the history, likewise."""
        self.history.append(self._capped(item))
        return item

    def record_guidance(self, name: str) -> ContextItem:
        """A text of the data that tells the model what went wrong joins the history."""
        return self.record_note("developer", self.settings.data.text(name), f"generic.{name.partition('.')[0]}")

    def change(self, settings: Settings) -> None:
        """Other settings, which the history already tells of."""
        self.settings = settings
        if self._previous is not None:
            self._previous = self._style.snapshot(settings, self.opens_with_tools)

    def record_change(self, key: str) -> list[ContextItem]:
        """One part of the state has changed while a turn runs, which the history is told of."""
        now = self._style.snapshot(self.settings, self.opens_with_tools)
        if self._previous is None or self._previous.get(key) == now.get(key):
            return []
        messages = self._style.update({**now, key: self._previous.get(key, {})}, self.settings, self.opens_with_tools)
        self._previous = {**self._previous, key: now.get(key)}
        recorded = [self._said(role, parts) for role, parts in messages]
        self.history += [each.item for each in recorded]
        return recorded

    def record_note(self, role: str, text: str, kind: str, provenance: Mapping[str, Any] | None = None) -> ContextItem:
        """A message of the program's own joins the history."""
        self.history.append(item := items.message(role, [text], self._ids))
        part = Part(text=text, kind=kind, provenance=provenance or self._style.base.provenance)
        return ContextItem(item=item, parts=(part,))

    def record_answer(self, text: str) -> Item:
        """The agent is made to say something in the history."""
        item = items.message("assistant", [text], self._ids)
        item["content"] = [{"type": "output_text", "text": text}]
        self.history.append(item)
        return item

    def record_aborted(self) -> Item:
        """The history says that the turn was interrupted."""
        role, text = self._style.aborted(self.settings)
        return self.record(items.message(role, [text], self._ids))

    def _capped(self, item: Item) -> Item:
        """The item; an output cut to what the history may hold."""
        output = item.get("output")
        if output is None:
            return item
        from pycodex.truncation import cap_parts, history_cap

        cap = history_cap if isinstance(output, str) else cap_parts
        return {**item, "output": cap(output, self.settings.truncation_policy, self.settings.dialect.truncate)}

    def say_anew(self, tools: Sequence[Item]) -> tuple[list[ContextItem], list[ContextItem]]:
        """The whole context once more, for a history that is another one now: what opens it, and the rest."""
        opening = self._opening(tools, {}) if self._wants_tools else []
        self._previous = self._style.snapshot(self.settings, self._wants_tools)
        return opening, [self._said(role, parts) for role, parts in self._initial()]

    def forget_context(self) -> None:
        """The history does not have the context any more; the next turn says it."""
        self._previous = None

    def seen_with(self, settings: Settings) -> ContextManager:
        """This thread, spoken of with other settings."""
        import copy

        other = copy.copy(self)
        other.settings = settings
        return other

    @property
    def _takes_original(self) -> bool:
        return bool(self.settings.model.get("supports_image_detail_original"))

    def request_input(self, items_of: Sequence[Item] | None = None, tools: Sequence[Item] = ()) -> list[Item]:
        """The `input` of the next request: of the history, or of these items. `tools`: their declarations."""
        namespace = uuid5(_OID, self.thread.id)
        given = self.history if items_of is None else items_of
        history = self.settings.dialect.body.outputs(given, self.settings)
        paired = items.paired(history, self._ids, lambda call: uuid5(namespace, call["call_id"]))
        sent = [items.wire(item, self._ids) for item in paired]
        if self._tells_notes:
            sent = [self._with_note(item) for item in sent]
        if self._wants_tools:
            sent = [items.without_detail(item) for item in sent]
        elif self.settings.dialect.images.detail and not self._takes_original:
            sent = [items.without_original(item) for item in sent]
        # A summary is asked for without it where the history has it already (captured: compact/full_other_model).
        opened = items.has_tools(sent) if self._wants_tools else items_of is not None and items.has_tools(sent[:1])
        if self.settings.dialect.body.instructions_key or opened:
            return sent
        sent.insert(0, self._base_message(namespace))
        if self._wants_tools and tools:
            from pycodex.request import compact

            sent.insert(0, items.additional_tools(tools, self._ids, uuid5(namespace, compact(tools))))
        return sent

    def base_input(self) -> list[Item]:
        """The `input` of a request for nothing: what a connection is warmed up with."""
        if self.settings.dialect.body.instructions_key or self._wants_tools:
            return []
        return [self._base_message(uuid5(_OID, self.thread.id))]

    def instructions(self) -> str:
        """The base prompt as it is sent."""
        return self.settings.dialect.body.instructions(self.base_instructions, self.settings)

    def _base_message(self, namespace: str) -> Item:
        # Its id is derived from thread and text, so that it is the same in each request of the thread (captured).
        text = self.instructions()
        note = {"content_item_kinds": [self._style.base.kind]}
        return {
            "type": "message",
            "id": f"msg_{uuid5(namespace, text)}",
            "role": "developer",
            "content": [{"type": "input_text", "text": text}],
            **({items.NOTE: note} if self._tells_notes else {}),
        }

    @property
    def _tells_notes(self) -> bool:
        return self.settings.dialect.body.notes and self.settings.config.provider.is_openai

    def _with_note(self, item: Item) -> Item:
        note = self.notes.get(item.get("id") or "")
        if note is None:
            return item
        # Where the parts come from is told only in threads that open with their tools (captured).
        hidden = () if self._wants_tools else ("content_item_metadata",)
        return {**item, items.NOTE: {key: value for key, value in note.items() if key not in hidden}}
