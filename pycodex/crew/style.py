"""What differs between versions in the agents that a model begins; the module is light."""

from __future__ import annotations

from typing import Literal

from pycodex.arguments import Type
from pycodex.records import dataclass

__all__ = ["NICKNAMES", "CrewStyle"]

_NICKNAMES = """
Euclid Archimedes Ptolemy Hypatia Avicenna Averroes Aquinas Copernicus Kepler Galileo Bacon Descartes Pascal Fermat
Huygens Leibniz Newton Halley Euler Lagrange Laplace Volta Gauss Ampere Faraday Darwin Lovelace Boole Pasteur Maxwell
Mendel Curie Planck Tesla Poincare Noether Hilbert Einstein Raman Bohr Turing Hubble Feynman Franklin McClintock Meitner
Herschel Linnaeus Wegener Chandrasekhar Sagan Goodall Carson Carver Socrates Plato Aristotle Epicurus Cicero Confucius
Mencius Zeno Locke Hume Kant Hegel Kierkegaard Mill Nietzsche Peirce James Dewey Russell Popper Sartre Beauvoir Arendt
Rawls Singer Anscombe Parfit Kuhn Boyle Hooke Harvey Dalton Ohm Helmholtz Gibbs Lorentz Schrodinger Heisenberg Pauli
Dirac Bernoulli Godel Nash Banach Ramanujan Erdos
"""
NICKNAMES = tuple(_NICKNAMES.split())
"""The names that both versions give to agents."""


@dataclass(frozen=True, kw_only=True)
class CrewStyle:
    """One version's way with agents of the older kind."""

    namespace: str | None
    """Of the tools; None: they stand alone."""
    one: str
    several: str
    """The arguments that name an agent, or agents."""
    several_required: bool
    nobody: str
    """What is said where no agent is named."""
    effort: Type
    """What the argument `reasoning_effort` is read as."""
    closed: str
    """Under which name close_agent tells what the agent was doing."""
    notified_as: str
    """Under which name the note of an agent's end has its id."""
    limit: str
    """What is said where there are as many agents as there may be; may use {limit}."""
    failed_is_completed: bool
    """Whether an agent whose turn has failed counts as one that has nothing to say."""
    roles_decide: bool
    """Whether an agent whose role has a file has no model or effort but those of the file, or its parent's."""
    settles_effort: bool
    """Whether an agent's settings have the effort that is its parent's by default."""
    shares_session: bool
    tells_resumed: bool
    """Whether people are told that an agent is there again."""
    settles_interrupts: bool
    """Whether what is told of an agent that is interrupted is what it is after that, not before; and one whose thread
    ends so is that when it is there again."""
    not_kept: str
    """What is said where an agent should have the history of a thread that is not kept; may use {thread_id}."""
    forked_output: str
    """What the call that began an agent says in the history that the agent has; empty: that has no calls."""
    forked_role: str
    """What is said where an agent should have a history and a role; empty: it may."""
    lists_hidden: bool
    """Whether models that people are not shown are listed where one is named that is not known."""
    features_off: frozenset[str] = frozenset()
    """Of agents that may begin no others."""
    nicknames: tuple[str, ...] = NICKNAMES
    unknown: Literal["v1"] | None = None
    """The kind of other agents in a thread that is taken up and does not say which it had; None: as in a new one."""
    max_threads: int = 6
    max_depth: int = 1
