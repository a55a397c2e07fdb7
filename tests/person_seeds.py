"""5,000 objects of our own, by seed: half lead to a person, in four scripts, nested, in patterns and in free text; half only look as if.

`python -m tests.person_seeds` prints what the detector finds of them, what it misses, and what it raises without cause; and of how people
are named besides, which it does not claim to find, how much goes by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec

from comity.terms.persons import findings
from tests.consortium import indicator, report, sdo

COUNT, SEED = 5_000, 20_211_117
#: What the others name: it has to be there for them to be seen.
ANCHOR = indicator(name="an anchor")
_NAMES = {
    "latin": ["anna", "boris.k", "j.smith", "maria-l", "o_neil", "kuanysh"],
    "cyrillic": ["анна", "борис.к", "айгуль", "м.иванова", "ўктам"],
    "chinese": ["王伟", "李娜", "张敏", "wang.wei"],
    "arabic": ["أحمد", "فاطمة", "علی", "m.reza"],
}
_HOSTS = ["mail.example", "post.example.net", "kz.example", "почта.пример", "例子.公司"]
_DIGITS = {"latin": "0123456789", "cyrillic": "0123456789", "chinese": "０１２３４５６７８９", "arabic": "٠١٢٣٤٥٦٧٨٩"}
_AROUND = {
    "latin": ("Seen on Tuesday: ", ". The host was cleaned."),
    "cyrillic": ("Замечено во вторник: ", ". Узел очищен."),
    "chinese": ("周二发现：", "。主机已清理。"),
    "arabic": ("شوهد يوم الثلاثاء: ", ". تم تنظيف المضيف."),
}
_PHONES = {"latin": "phone ", "cyrillic": "тел. ", "chinese": "电话", "arabic": "هاتف: "}
_LOGINS = {"latin": "login: ", "cyrillic": "логин: ", "chinese": "用户名：", "arabic": "اسم المستخدم: "}


class Seed(NamedTuple):
    """An object, what in it leads to a person ("": nothing does), and in which script it speaks."""

    obj: dict[str, Any]
    kind: str
    script: str


def _number(dice: Random, script: str, length: int = 10) -> str:
    return "".join(dice.choice(_DIGITS[script]) for _ in range(length))


def _mail(dice: Random, script: str) -> str:
    local = f"{dice.choice(_NAMES[script])}{dice.randrange(1_000)}"
    return local + dice.choice(["@", "@", "@", " [at] ", "(at)", "＠"]) + dice.choice(_HOSTS)


def _values() -> dict[str, Callable[[Random, str], str]]:
    return {
        "e-mail": _mail,
        "phone": lambda dice, script: dice.choice([_PHONES[script], "+7 ", "+998 "]) + "7" + _number(dice, script),
        "account": lambda dice, script: dice.choice(
            [
                f"https://t.me/{dice.choice(['anna', 'boris', 'kuanysh'])}_{dice.randrange(1_000)}",
                f"Telegram @{dice.choice(['anna', 'boris'])}{dice.randrange(1_000)}",
                _LOGINS[script] + f"{dice.choice(['ivanov', 'wang', 'smith'])}{dice.randrange(1_000)}",
                "\\".join(("C:", "Users", f"anna{dice.randrange(1_000)}", "x.exe")),
            ]
        ),
        "subscriber-address": lambda dice, script: f"subscriber 198.51.100.{dice.randrange(256)}",
        "national-id": lambda dice, script: "passport N" + "".join(dice.choice("0123456789") for _ in range(7)),
    }  # fmt: skip


def _clean(dice: Random, script: str) -> str:
    """What only looks like a person's."""
    return dice.choice(
        [
            f"{dice.choice(['abuse', 'cert', 'security', 'noreply'])}@{dice.choice(_HOSTS)}",
            f"203.0.113.{dice.randrange(256)} on 2021-11-{dice.randrange(10, 28)}T10:00:00Z",
            f"CVE-2021-{dice.randrange(10_000, 99_999)}, {dice.randrange(10**6, 10**7)} bytes",
            "".join(dice.choice("0123456789abcdef") for _ in range(64)),
            f"icon@{dice.randrange(2, 4)}x.png, https://t.me/{dice.choice(['loader', 'drop'])}{dice.randrange(100)}_bot",
            "\\".join(("C:", "Users", "Public", f"{dice.randrange(1_000)}.exe")),
            f"https://phish.example/{dice.choice(['home', 'users'])}/{dice.randrange(10**9)}?id=+{dice.randrange(100)}",
            f"username: admin, version 1.{dice.randrange(100)}.{dice.randrange(10**8)}",
        ]
    )


def _placed(dice: Random, text: str) -> dict[str, Any]:
    """A text somewhere in an object: free text of one or another, nested in properties of somebody's own, in a list."""
    return dice.choice(
        [
            lambda: indicator(description=text),
            lambda: report(ANCHOR["id"], name=text),
            lambda: sdo("note", content=text, object_refs=[ANCHOR["id"]]),
            lambda: indicator(labels=["one", text]),
            lambda: indicator(x_a={"b": [{"c": {"d": text}}]}),
            lambda: sdo(
                "malware",
                extensions={
                    "extension-definition--5b6a7c8d-1f2e-4d3c-8b4a-0123456789ab": {
                        "extension_type": "property-extension",
                        "remarks": [text],
                    }
                },
            ),
            lambda: indicator(external_references=[{"source_name": "a report", "description": text}]),
        ]
    )()


def _typed(dice: Random, script: str) -> Seed:
    name = f"{dice.choice(_NAMES[script])}{dice.randrange(1_000)}"
    mail = f"{name}@{dice.choice(_HOSTS)}"
    return dice.choice(
        [
            lambda: Seed(sdo("identity", identity_class="individual", name=name), "identity", script),
            lambda: Seed(indicator(pattern=f"[email-message:from_ref.value = '{mail}']"), "e-mail", script),
            lambda: Seed(indicator(pattern=f"[user-account:account_login = '{name}']"), "account", script),
            lambda: Seed(indicator(x_subscriber_name=name), "identity", script),
            lambda: Seed(indicator(x_customer={"phone_number": _number(dice, script)}), "phone", script),
        ]
    )()


def seeds(count: int = COUNT, seed: int = SEED) -> Iterator[Seed]:
    """The objects, one with a person and one without by turns."""
    dice, values = Random(seed), _values()
    for number in range(count):
        script = dice.choice(list(_AROUND))
        before, after = _AROUND[script]
        if number % 2:
            yield Seed(_placed(dice, before + _clean(dice, script) + after), "", script)
        elif dice.random() < 0.25:
            yield _typed(dice, script)
        else:
            kind = dice.choice(list(values))
            yield Seed(_placed(dice, before + values[kind](dice, script) + after), kind, script)


#: How people are named besides, in each way an example; none of it is claimed.
UNCLAIMED = {
    "a name in prose": "Anna Borisova reported it",
    "a name in prose, Cyrillic": "сообщила Анна Борисова",
    "a handle by itself": "thanks to @anna_b for the sample",
    "a number in words": "call seven seven zero one, triple zero",
    "a number without a word for telephones": "reach her on 87010000000",
    "letters of another script in an address": "anna at the usual provider",
    "a street": "lives at 5 Abay avenue, flat 12",
    "a number plate": "drives 123 ABC 02",
}


def main() -> None:
    """Print the figures."""
    said, missed, raised = Counter[tuple[str, str]](), Counter[tuple[str, str]](), 0
    for seed in seeds():
        found = findings(seed.obj, msgspec.json.encode(seed.obj))
        if seed.kind:
            said[seed.kind, seed.script] += 1
            missed[seed.kind, seed.script] += not found
        else:
            raised += bool(found)
    for kind, script in sorted(said):
        print(f"{kind:<20}{script:<10}{said[kind, script]:>5} seeded {missed[kind, script]:>4} missed")
    total = said.total()
    print(f"found {total - missed.total()} of {total} ({1 - missed.total() / total:.2%}); raised without cause {raised} of {COUNT - total}")
    for way, text in UNCLAIMED.items():
        obj = report(ANCHOR["id"], description=text)
        print(f"not claimed: {way:<45}{'found' if findings(obj, msgspec.json.encode(obj)) else 'goes by'}")


if __name__ == "__main__":
    main()
