"""How one body's words are read in another: the same or stricter, and the strictest where nobody knows the word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.agree.mapping import WordMap, Words, read
from comity.terms import pap, tlp
from comity.terms.item import HANDLING, PURPOSES

FOREIGN = ("restricted", "TLP:GREEN", "Green", "h1", "no-court", "defence", "")
CICA = WordMap(
    of="cica",
    tlp={"restricted": "amber+strict", "green": "amber"},
    pap={"careful": "amber"},
    handling={"no-court": "H1", "H0": "H2"},
    purposes={"network-defence": "network-defence", "confidence-building": "network-defence"},
)


def test_words_of_the_other_body_mean_what_the_map_says() -> None:
    said = Words(tlp="restricted", pap="careful", handling=("no-court",), purposes=("confidence-building",))
    assert CICA.read(said) == Words(tlp="amber+strict", pap="amber", handling=("H1",), purposes=("network-defence",))


def test_words_that_nobody_knows_fall_to_the_strictest() -> None:
    said = Words(tlp="secret", pap="blue", handling=("burn",), purposes=("gossip",))
    strictest = Words(tlp="red", pap="red", handling=("H1", "H2", "H3"), purposes=())
    assert CICA.read(said) == strictest
    assert read(said, []) == strictest
    assert read(Words(tlp="Green", purposes=PURPOSES), []) == Words(tlp="red", purposes=tuple(sorted(PURPOSES)))


def test_our_words_become_stricter_and_a_code_stays_beside_what_it_brings() -> None:
    said = Words(tlp="green", handling=("H0",), purposes=("network-defence", "training"))
    assert CICA.read(said) == Words(tlp="amber", handling=("H0", "H2"), purposes=("network-defence",))


def test_a_map_without_purposes_lets_ours_through() -> None:
    assert WordMap(of="sco").read(Words(tlp="clear", purposes=("training", "odd"))) == Words(tlp="clear", purposes=("training",))


def words(known: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from((*known, *FOREIGN))


def tables(known: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(words(known), st.sampled_from(known), max_size=4)


maps = st.builds(
    WordMap,
    of=st.just("cica"),
    tlp=tables(tlp.LEVELS),
    pap=tables(pap.LEVELS),
    handling=tables(HANDLING),
    purposes=st.none() | tables(PURPOSES),
)
said_words = st.builds(
    Words,
    tlp=words(tlp.LEVELS),
    pap=st.none() | words(pap.LEVELS),
    handling=st.lists(words(HANDLING), max_size=3).map(tuple),
    purposes=st.lists(words(PURPOSES), max_size=3).map(tuple),
)


def stricter(now: Words, was: Words) -> bool:
    """Whether nothing that was known became wider."""
    return (
        (was.tlp not in tlp.LEVELS or tlp.LEVELS.index(now.tlp) >= tlp.LEVELS.index(was.tlp))
        and (now.pap is None) == (was.pap is None)
        and (was.pap not in pap.LEVELS or pap.LEVELS.index(now.pap or "") >= pap.LEVELS.index(was.pap or ""))
        and {code for code in was.handling if code in HANDLING} <= set(now.handling)
    )


@given(maps, said_words)
def test_a_map_that_is_read_never_widens_and_reads_the_same_twice(made: WordMap, said: Words) -> None:
    if list(made.widenings()):
        return
    now = made.read(said)
    assert stricter(now, said)
    assert {purpose for purpose in now.purposes if purpose not in said.purposes} <= {
        meant for word, meant in (made.purposes or {}).items() if word in said.purposes and word not in PURPOSES
    }
    assert made.read(now) == now


@given(maps, said_words)
def test_a_map_that_widens_is_found(made: WordMap, said: Words) -> None:
    now = made.read(said)
    own = Words(tlp=said.tlp, pap=said.pap, handling=said.handling, purposes=tuple(word for word in said.purposes if word in PURPOSES))
    if not stricter(now, said) or made.read(now) != now or not set(made.read(own).purposes) <= set(own.purposes):
        assert list(made.widenings())


@given(st.lists(maps, max_size=3), said_words)
def test_several_maps_leave_words_of_ours(made: list[WordMap], said: Words) -> None:
    found = read(said, made)
    assert found.tlp in tlp.LEVELS
    assert found.pap is None or found.pap in pap.LEVELS
    assert set(found.handling) <= set(HANDLING)
    assert set(found.purposes) <= set(PURPOSES)


def test_why_a_map_is_refused() -> None:
    wrong = WordMap(
        of="sco",
        tlp={"amber": "green", "restricted": "clear", "clear": "green"},
        handling={"H0": "H1", "no-court": "H0"},
        purposes={"statistics": "training", "odd": "incident-response"},
    )
    assert list(wrong.widenings()) == [
        ("tlp", "amber", "'amber' would become 'green', which is wider"),
        ("tlp", "restricted", "'restricted' becomes 'clear', which becomes 'green': name the last"),
        ("handling", "no-court", "'no-court' brings 'H0', which brings 'H1': name the last"),
        ("purposes", "statistics", "'statistics' would be used for 'training', for which nobody shared it"),
        ("purposes", "odd", "'odd' becomes 'incident-response', which this map drops: let it stay itself"),
    ]
