"""What decisions say about facts, in other languages. `agree` states facts in short fixed English; here each form has its counterpart."""

from __future__ import annotations

import re
from collections.abc import Mapping

_STANDINGS = {
    "member": "член",
    "observer": "наблюдатель",
    "dialogue-partner": "партнёр по диалогу",
    "partner": "партнёр",
    "guest": "гость",
    "suspended": "членство приостановлено",
    "withdrawn": "вышел",
    "none": "нет",
    "centre": "центр",
    "party": "участник",
    "producer": "источник",
    "permit": "разрешение",
    "bound": "связан",
    "nobody": "никому",
    "nobody named": "никто не назван",
    "all visible": "все видимы",
    "later": "позже",
    "open": "открыто",
    "quarantine": "карантин",
    "not a party": "не участник",
    "not yet in force for it": "для него ещё не вступило в силу",
    "signed but not ratified": "подписано, но не ратифицировано",
    "from the agreement's start": "с начала действия соглашения",
    "the recipients named one by one": "поимённо названные получатели",
    "none that matches": "нет подходящего",
    "names recipients and types": "называет получателей и типы",
    "names none": "не называет",
    "centre, named by role or party": "центр, названный по роли или поимённо",
    "centre, by standing only": "центр, только по статусу",
    "agreement in force": "соглашение в силе",
    "clause in force": "пункт в силе",
    "in force for origin": "в силе для источника",
    "in force for recipient": "в силе для получателя",
    "origin standing": "статус источника",
    "origin party": "источник",
    "origin role": "роль источника",
    "origin body": "организация источника",
    "recipient standing": "статус получателя",
    "recipient party": "получатель",
    "recipient role": "роль получателя",
    "recipient body": "организация получателя",
    "clause": "пункт",
    "type": "тип",
    "threat": "вид угрозы",
    "TLP": "TLP",
    "purpose": "цель",
    "onward transfer": "дальнейшая передача",
    "forbidding clause": "запрещающий пункт",
    "a newer version has taken its place": "его заменила более новая редакция",
    "suspended for it": "для него приостановлено",
    "reservation": "оговорка",
    "shared under": "передано по соглашению",
    "PAP": "PAP",
    "handling": "порядок обращения",
    "no H1": "без H1",
    "approval": "одобрение",
    "the origin's consent": "согласие источника",
    "the origin's consent (H3)": "согласие источника (H3)",
    "two persons of the origin": "два лица от источника",
    "not requested": "не запрошено",
    "requested": "запрошено",
    "open to objections": "идёт срок для возражений",
    "lapsed": "срок истёк",
    "gate": "проверка",
    "realm": "среда",
    "real": "реальные данные",
    "addressed to": "адресовано",
    "expiry": "срок",
    "named objects": "упомянутые объекты",
    "network-defence": "защита сетей",
    "incident-response": "реагирование на инциденты",
    "criminal-investigation": "уголовное расследование",
    "statistics": "статистика",
    "training": "обучение",
    "administration": "администрирование",
    "@threat": "сведения об угрозах",
    "@observables": "наблюдаемые",
    "@links": "связи",
    "@cooperation": "сотрудничество",
}
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern + r"\Z", re.DOTALL), template)
    for pattern, template in (
        (r"at most (.+)", "не строже {0}"),
        (r"from (\S+) until (\S+)", "с {0} до {1}"),
        (r"from the agreement's start until (\S+)", "с начала действия соглашения до {0}"),
        (r"from (\S+)", "с {0}"),
        (r"a date of entry into force \(this is a draft\)", "дата вступления в силу (это проект)"),
        (r"(\S+) bound by (\S+)", "{0} связан соглашением {1}"),
        (r"in force for it from (\S+)", "для него в силе с {0}"),
        (r"ended for it on (\S+)", "для него прекращено {0}"),
        (r"suspended in (\S+)", "членство приостановлено в {0}"),
        (r"withdrawn in (\S+)", "вышел из {0}"),
        (r"no standing in (\S+) and not a party", "нет статуса в {0}, не участник"),
        (r"a permit in an agreement of (\S+)", "разрешение в соглашении {0}"),
        (r"hidden or absent: what these name in turn", "скрыто или отсутствует: то, что в свою очередь упоминают они"),
        (r"hidden or absent: (.+)", "скрыто или отсутствует: {0}"),
        (
            r"held by its origin or the centre, or passed on as given, with TLP at most (\S+) and no H1-H3",
            "хранится у источника или центра либо передаётся дальше на условиях получения, TLP не строже {0} и без H1-H3",
        ),
        (r"held by (\S+), given by (.+), TLP ([a-z+]+), handling (.+)", "хранит {0}, получено по {1}, TLP {2}, порядок обращения {3}"),
        (r"held by (\S+), given by none, TLP ([a-z+]+)", "хранит {0}, ни по какому пункту, TLP {1}"),
        (r"held by (\S+), given by (.+), TLP ([a-z+]+)", "хранит {0}, получено по {1}, TLP {2}"),
        (r"withdrawn for it on (\S+)", "выход вступил в силу {0}"),
        (r"suspended for it until (\S+)", "для него приостановлено до {0}"),
        (r"made by (\S+) and (\S+)", "сделана {0} и {1}"),
        (r"made by (\S+)", "сделана {0}"),
        (r"(\d+) sponsors and no objection within (\S+)", "поручителей: {0}, и ни одного возражения за {1}"),
        (r"no objection within (\S+)", "ни одного возражения за {0}"),
        (r"(\d+) of (\d+)", "{0} из {1}"),
        (r"(\S+) objected", "{0} возражает"),
        (r"revoked by (\S+)", "отозвано: {0}"),
    )
)
_WORDS: Mapping[str, Mapping[str, str]] = {"ru": _STANDINGS}
_JOINTS = {" or ": " или ", ", ": ", "}


def phrase(lang: str, text: str) -> str:
    """The counterpart of a fact's name or of what it expects or is; `text` itself where there is none (names, codes, dates)."""
    words = _WORDS.get(lang)
    if words is None:
        return text
    if text in words:
        return words[text]
    for pattern, template in _FORMS:
        found = pattern.match(text)
        if found:
            return template.format(*(part or "" for part in found.groups()))
    for joint, counterpart in _JOINTS.items():
        if joint in text:
            return counterpart.join(words.get(part, part) for part in text.split(joint))
    return text
