"""Asking witnesses to cosign what is published of the node's log (C2SP tlog-witness), at its interval."""

from __future__ import annotations

import re

from comity.admin import publishing
from comity.admin.publishing import Witness
from comity.errors import Fault, PeerFault
from comity.ledger.witness import write_submission
from comity.peer.channel import Channel
from comity.world import World

#: Seconds for a witness's first byte.
_SILENCE = 10.0
_SIZE = re.compile("[0-9]{1,18}")


def ask(world: World, witness: Witness, channel: Channel | None = None) -> bool:
    """Have a witness cosign what is published; False if it had already. Raises PeerFault or IntegrityFault, which is kept with it too."""
    speaking = channel or Channel("", "", headers={}, silence=_SILENCE)
    try:
        asked = publishing.submission(world, witness.name)
        # It may have cosigned more than was heard of, or have been set back: then it says from where, once.
        for _ in range(2):
            if asked is None:
                return False
            answer = speaking.ask("POST", witness.url.rstrip("/") + "/add-checkpoint", content=write_submission(asked))
            if answer is not None and answer.ok:
                publishing.answered(world, witness.name, asked, answer.content)
                return True
            said = answer.content.decode(errors="replace").strip()[:200] if answer is not None else "nothing"
            if answer is None or answer.status != 409 or not _SIZE.fullmatch(said) or int(said) == asked.old:
                break
            asked = publishing.submission(world, witness.name, int(said))
        raise PeerFault(f"witness {witness.name} did not cosign: {said}", next="ask its operator; comity log witness list")
    except Fault as fault:
        publishing.failed(world, witness.name, str(fault))
        raise
    finally:
        if channel is None:
            speaking.close()


def ask_all(world: World) -> dict[str, str]:
    """Publish what is new and ask every witness; what went wrong, by witness."""
    publishing.publish(world)
    problems = {}
    for witness in publishing.witnesses(world):
        try:
            ask(world, witness)
        except Fault as fault:
            problems[witness.name] = str(fault)
    return problems
