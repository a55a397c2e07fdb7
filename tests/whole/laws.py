"""How the laws are played: stateful tests (Hypothesis) from a seed, and the same on a node with a mistake in it.

`COMITY_LAWS=2000` plays so many tales of each law instead of a few, `COMITY_SEED` others. `COMITY_SHRINK=1` looks for the shortest tale that
breaks a law, which may take minutes.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

TALES, SEED = int(os.environ.get("COMITY_LAWS", "0")), int(os.environ.get("COMITY_SEED", "20210917"))
PHASES = [Phase.generate, *([Phase.shrink] if os.environ.get("COMITY_SHRINK") else [])]
#: Random generators, each from a seed of its own: what a tale needs beside its steps is not worth shrinking.
dices = st.randoms(use_true_random=True)


def _plan(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples, stateful_step_count=steps, phases=PHASES, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def play(machine: type[RuleBasedStateMachine], examples: int, steps: int = 40) -> None:
    """Play so many tales of a machine."""
    run_state_machine_as_test(seed(SEED)(machine), settings=_plan(TALES or examples, steps))


def caught(machine: type[RuleBasedStateMachine], examples: int = 2_000, steps: int = 40) -> None:
    """Some tale of a machine breaks its law."""
    made = type(f"Caught{machine.__name__}", (machine,), {})
    with pytest.raises(AssertionError):
        run_state_machine_as_test(seed(SEED)(made), settings=_plan(examples, steps))
