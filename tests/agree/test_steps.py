"""Which act a party may do next."""

from __future__ import annotations

import pytest

from comity.agree.accord import Agreement
from comity.agree.acts import Deed
from comity.agree.agreement import read
from comity.agree.overlay import overlaid
from comity.agree.steps import check
from comity.errors import AgreementFault, Conflict, Fault
from tests.agree.test_acts import ALL, BARE, deed
from tests.agree.test_overlay import SIGNED
from tests.agree.treaty import TREATY, day

SIGN = deed("sign", day(9, 17))
OWN_SUSPENSION = deed("suspend", day(11), signed=True)


@pytest.mark.parametrize(
    ("earlier", "act"),
    [
        ((), SIGN),
        ((SIGN,), deed("sign", day(9, 16))),  # the administrator corrects its own word
        ((SIGN,), SIGNED[0]),  # the party confirms it
        ((SIGN,), deed("ratify", day(9, 17), in_force=day(9, 17))),
        ((SIGN,), deed("ratify", day(9, 24))),
        ((SIGN, deed("reserve", day(9, 24), clauses=("art-4.2",))), deed("ratify", day(9, 24))),
        # The party's own ratification does not wait for another's word.
        ((SIGN, deed("reserve", day(9, 25), clauses=("art-4.2",))), deed("ratify", day(9, 24), signed=True)),
        (SIGNED, deed("reserve", day(9, 24), clauses=("art-4.2",))),
        (SIGNED, OWN_SUSPENSION),
        ((*SIGNED, deed("suspend", day(11))), OWN_SUSPENSION),
        ((*SIGNED, deed("suspend", day(11))), deed("resume", day(12))),
        ((*SIGNED, OWN_SUSPENSION), deed("resume", day(12), signed=True)),
        (SIGNED, deed("withdraw", day(12))),
        ((SIGN,), deed("withdraw", day(9, 18))),
        ((*SIGNED, deed("withdraw", day(12))), deed("withdraw", day(12), signed=True)),
        ((*SIGNED, deed("withdraw", day(12))), deed("withdraw", day(11), signed=True)),
        ((*SIGNED, deed("suspend", day(11)), deed("resume", day(12))), deed("suspend", day(12))),
    ],
)
def test_what_may_be_done(earlier: tuple[Deed, ...], act: Deed) -> None:
    check(overlaid(BARE, earlier), act)


@pytest.mark.parametrize(
    ("earlier", "act", "kind", "why"),
    [
        (SIGNED, SIGNED[0], Conflict, "UZ signed example-ict@1 on 2021-09-17, by its own signature"),
        (SIGNED, deed("ratify", day(9, 30)), Conflict, "UZ ratified example-ict@1 on 2021-09-24, by its own signature"),
        ((SIGN, deed("ratify", day(9, 24))), deed("sign", day(9, 25)), AgreementFault, "UZ ratified .* on 2021-09-24"),
        ((), deed("ratify", day(9, 24)), AgreementFault, "UZ has not signed example-ict@1"),
        ((SIGN,), deed("ratify", day(9, 16)), AgreementFault, "signed .* on 2021-09-17"),
        ((SIGN,), deed("ratify", day(9, 24), in_force=day(9, 23)), AgreementFault, "before the ratification"),
        ((), deed("reserve", day(9, 17), clauses=("art-4.2", "art-9")), AgreementFault, "example-ict@1 has no clause art-9$"),
        (SIGNED, deed("reserve", day(9, 25), clauses=("art-4.2",)), AgreementFault, "ratified .* on 2021-09-24"),
        ((*SIGNED, OWN_SUSPENSION), deed("suspend", day(12)), Conflict, "is suspended for UZ on 2021-12-01 already"),
        (SIGNED, deed("resume", day(12)), AgreementFault, "is not suspended for UZ on 2021-12-01"),
        ((*SIGNED, OWN_SUSPENSION), deed("resume", OWN_SUSPENSION.on, signed=True), AgreementFault, "is not suspended for UZ before"),
        ((*SIGNED, OWN_SUSPENSION), deed("resume", day(12)), AgreementFault, "UZ itself suspended"),
        ((), deed("withdraw", day(12)), AgreementFault, "UZ is no party to"),
        (
            (SIGN, deed("reserve", day(9, 25), clauses=("art-4.2",))),
            deed("ratify", day(9, 24)),
            AgreementFault,
            "UZ reserved art-4.2 of example-ict@1 on 2021-09-25",
        ),
        (
            (*SIGNED, deed("withdraw", day(11), signed=True)),
            deed("withdraw", day(12)),
            Conflict,
            "gave notice of withdrawal from example-ict@1 on 2021-11-01",
        ),
        # It has left; a second notice, on whose word ever, would bind it anew for as long as the notice lasts.
        ((*SIGNED, deed("withdraw", day(11))), deed("withdraw", day(12)), Conflict, "gave notice .* on 2021-11-01"),
        ((*SIGNED, deed("withdraw", day(11))), deed("withdraw", day(10, 31)), Conflict, "gave notice .* on 2021-11-01"),
        ((*SIGNED, deed("withdraw", day(11))), deed("withdraw", day(12), signed=True), Conflict, "gave notice .* on 2021-11-01"),
        ((*SIGNED, deed("suspend", day(11))), deed("suspend", day(12)), Conflict, "is suspended for UZ on 2021-12-01 already"),
        ((*SIGNED, OWN_SUSPENSION), deed("suspend", day(12), signed=True), Conflict, "is suspended for UZ on 2021-12-01 already"),
    ],
)
def test_what_may_not(earlier: tuple[Deed, ...], act: Deed, kind: type[Fault], why: str) -> None:
    with pytest.raises(kind, match=why) as fault:
        check(overlaid(BARE, earlier), act)
    assert type(fault.value) is kind
    assert fault.value.next or kind is Conflict


def test_where_the_text_binds_all_one_may_withdraw_without_having_signed() -> None:
    check(ALL, deed("withdraw", day(12), ALL))


@pytest.mark.parametrize("agreement", [ALL, read(TREATY)])
def test_an_act_about_another_text_is_refused(agreement: Agreement) -> None:
    with pytest.raises(Conflict, match="SHA-256"):
        check(agreement, SIGN)
    with pytest.raises(Conflict, match="about"):
        check(agreement, deed("sign", day(9, 17), read(TREATY.replace("version = 1", "version = 2"))))
