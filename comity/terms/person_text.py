"""Values in a text that lead to a natural person: mail addresses, telephone numbers, accounts, numbers of persons and of subscribers (G3).

In Latin, Cyrillic, Chinese and Arabic script, with the digits of any script, and as people write them to keep programs from reading them
(`a [at] example.com`). Every expression is RE2's, so the time is linear in the text, whatever stands in it. What is no person's is left
out by the same rules: role mailboxes (RFC 2142 and those of response teams), built-in accounts, file names, dates, addresses, sizes.

Names of people in a text are not found: no rule tells them from other names. `docs/person-data.md` says what is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from comity.terms.expression import Expression, Look, Match, look
from comity.terms.person_words import (
    BUILT_IN,
    CALLED,
    CARD,
    FILES,
    HANDLE,
    JOINED_CARD,
    JOINED_PHONE,
    LOGIN,
    MAIL,
    NETWORK,
    OWNED,
    PAGES,
    PAPERS,
    PAYMENT,
    PHONE,
    PLAIN_NETWORK,
    PROGRAMS,
    ROLES,
    SENTENCE,
    SIGNED_IN,
    SUBSCRIBER,
    UNITS,
)
from comity.terms.plain_text import plain

_DIGITS = "0123456789"


class Value(NamedTuple):
    """A value in a text: one of `persons.KINDS`, and the value as it is compared (never logged)."""

    kind: str
    value: str


_EMAIL = Expression(
    r"(//)?([\p{L}\p{N}_][\p{L}\p{N}\p{M}._%+'~!#$&*=?^{|}-]*)@"
    r"((?:[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]*\.)+(?:xn--[a-z0-9-]+|\p{L}[\p{L}\p{M}]+))"
)
_QUOTED = Expression(r'("[^"@\n]+")@((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})')
_LITERAL = Expression(r"[\p{L}\p{N}][\p{L}\p{N}._%+-]*@\[(?:\d{1,3}(?:\.\d{1,3}){3}|ipv6:[0-9a-f:.]+)\]")
_NUMBER = r"\d(?:[ \t\x{a0}().\-/\x{2010}-\x{2015}]{0,3}\d)"
_E164 = Expression(
    r"(?:^|[^\p{L}\p{N}+_])\+[ \t(]{0,2}([1-9](?:[ \t\x{a0}().\-/\x{2010}-\x{2015}]{0,3}\d){7,14})(?:[^\p{L}\p{N}](\p{L}*)|$)"
)
_NATIONAL = Expression(
    rf"(?:^|[^\p{{L}}])(?:{PHONE})((?:[^\p{{L}}\p{{N}}\n](?:[^\p{{N}}\n]{{0,28}}?[\s:：№#=(\"'.,،])?)?)[+(]{{0,2}}"
    rf"({_NUMBER}{{5,16}})(\s?[\p{{L}}%°]*)"
)
_JOINED_NATIONAL = Expression(rf"(?:{JOINED_PHONE})([^\p{{N}}\n]{{0,28}}?)({_NUMBER}{{5,16}})(\s?[a-z%°]*)")
_FROM_NUMBER = Expression(
    rf"(?:^|[^\p{{L}}])(?:(?:с|на|по)\s+номер\p{{L}}*\s*[:№]?|ph)\s*[+(]{{0,2}}({_NUMBER}{{9,14}})(?:[^\p{{L}}\p{{N}}]|$)"
)
_PROFILE = Expression(
    r"(?:^|[^a-z0-9.-])(?:www\.|m\.)?(?:t\.me|telegram\.me|vk\.com|ok\.ru(?:/+profile)?|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|"
    r"linkedin\.com/in|xing\.com/profile|tiktok\.com|weibo\.com(?:/u)?|wa\.me)/+@?([a-z0-9_.%-]{3,64})"
    r"|tg://resolve\?domain=([a-z0-9_]{4,64})"
    r"|(?:^|[^a-z0-9.-])(?:github|gitlab|gitee)\.com/([a-z][a-z-]{2,}\d{2,4})/?(?:[\s\"'),;]|$)"
)
_HANDLE = Expression(rf"(?:^|[^\p{{L}}])(?:{NETWORK})(?:[^\n@]{{0,30}}[\s:：(,«\"'（])?[@＠]([\p{{L}}\p{{N}}_.]{{3,64}})")
_HANDLE_IN = Expression(
    rf"(?:^|[^\p{{L}}\p{{N}}._-])[@＠]([\p{{L}}\p{{N}}.]*[\d_][\p{{L}}\p{{N}}_.]{{1,64}})[\s,(（]{{1,2}}(?:(?:in|on|at|via|from|в|во|на|из)\s)?(?:{NETWORK})(?:[^\p{{L}}]|$)"
    r"|(?:^|[\s(\"'])@([\p{L}\p{N}._=-]{2,64}):(?:[a-z0-9-]+\.)+[a-z]{2,}"
)
_NAMED = Expression(
    rf"(?:^|[^\p{{L}}])(?:{NETWORK})(?:\s?(?:{HANDLE})\s?[:：=]?|\s*[:：=])\s*(?:live:)?([\p{{L}}\p{{N}}_.-]*(?:[\d_]|#\d)[\p{{L}}\p{{N}}_.#-]*)"
    r"|(?:^|[^\p{L}])(?:skype)\s+live:([\p{L}\p{N}_.-]{4,64})|(?:^|[^\p{L}])qq\s+([1-9]\d{5,10})(?:[^\p{L}\p{N}.]|$)"
    rf"|(?:^|[^\p{{L}}])(?:{PLAIN_NETWORK})\s(\p{{L}}[\p{{L}}._-]{{3,}}\d{{2,6}})(?:[^\p{{L}}\p{{N}}.]|$)"
)
_USER = Expression(
    rf"(?:^|[^\p{{L}}])(?:{LOGIN})['\"»”]?\s*[:=：]\s*['\"«“]?([\p{{L}}\p{{N}}._-]{{3,64}})"
    rf"|(?:^|[^\p{{L}}])(?:{SIGNED_IN})\s+['\"«“]?(\p{{L}}[\p{{L}}\p{{N}}-]*[._\d][\p{{L}}\p{{N}}._-]*)"
)
_OWNED = Expression(
    rf"(?:^|[^\p{{L}}])(?:{OWNED})\s*[:=：]?\s*['\"«“]?((?-i:[A-ZА-Я0-9][A-ZА-Я0-9-]{{1,14}}))\\{{1,2}}(\p{{L}}[\p{{L}}\p{{N}}._-]{{1,63}})(?:[^\p{{L}}\p{{N}}\\/._-]|[.,]\s|\.?$)"
)
_DIRECTORY = Expression(
    r"(?:^|[^\p{L}\p{N}])(?:uid=([^,=;\s]{2,64}),\s?(?:ou|cn|dc)=|cn=([^,=;\n]{2,64}),\s?(?:ou|cn)=(?:users|people|staff|employees|пользователи|сотрудники),)"
)
_PATH = Expression(
    r"(?:\\+|[a-z]:[\\/]+)(?:users|documents and settings|пользователи)[\\/]+([^\\/:*?\"<>|%$\[{(,;\n]{2,64})[\\/\"'\s]"
    r"|(?:\\+|[a-z]:[\\/]+)(?:users|documents and settings|пользователи)[\\/]+([^\\/:*?\"<>|%$\[{(,;\s]{2,64})$"
    r"|\\{2,}[\p{L}\p{N}._-]+\\+(?:homes?|profiles?|users)\$?\\+([^\\/:*?\"<>|%$\[{(,;\s]{2,64})(?:[\\/\"'\s]|$)"
    r"|(?:^|[\s\"'=(])~(\p{L}[\p{L}\p{N}_.-]{1,31})/(?:public_html|www|bin|desktop|documents|downloads|\.[a-z])"
    r"|(?:^|[\s\"'=(:,>`])/*(?:(?:mnt|cygdrive)/[a-z]|export|)/+(?:home|users|var/mail|var/spool/mail)/([\p{L}\p{N}_.-]{2,32})(?:/|$|[\s\"'`])"
)
_ID = Expression(
    rf"(?:^|[^\p{{L}}])(?:{CARD})(?:[^\p{{N}}\n]{{0,20}}?[\s:：№#=_-])?\s?"
    r"([A-ZА-Я]{0,3}\s?\d(?:(?:[ -]|\s?No\.?\s?)?\d){5,17}[A-Z]?|[A-Z9]{5}\d{6}[A-Z\d]{5})(?:[^\p{L}\p{N}]|$)"
    r"|(?:^|[^\p{L}])pan(?:\s(?:card|no\.?|number))?[\s:]{1,2}([A-Z]{5}\d{4}[A-Z])(?:[^\p{L}\p{N}]|$)"
)
_JOINED_ID = Expression(rf"(?:{JOINED_CARD})[^\p{{N}}\na-z]{{0,8}}([A-Z]{{0,2}}\d{{6,17}}[\dX])")
_DATE = Expression(
    r"(?:19|20)\d\d([ -])(?:0[1-9]|1[0-2])[ -](?:0[1-9]|[12]\d|3[01])(?:[ -]\d{1,2})?|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_COUNT = Expression(r"[1-9]\d{0,2}0{5,8}")
_THOUSANDS = Expression(r"\d{1,3}(?: \d{3})+")
_DOTTED_PHONE = Expression(r"\d{3}\.\d{3}\.\d{4}")
_OPEN = Expression(r"\s?\(\d+\s*$")
_CHINA = Expression(r"(?:^|[^\p{L}\p{N}])([1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX])(?:[^\p{L}\p{N}]|$)")
_IBAN = Expression(
    r"(?:^|[^\p{L}\p{N}])iban[^\p{L}\p{N}\n]{0,4}(?:№|no\.?|nr\.?)?[^\p{L}\p{N}\n]{0,4}([a-z]{2}\d{2}(?:[ ]?[a-z0-9]){11,30})"
)
_PAYMENT = Expression(rf"(?:^|[^\p{{L}}])(?:{PAYMENT})[^\p{{N}}\n]{{0,16}}(\d(?:[ -]?\d){{12,18}})(?:[^\p{{L}}\p{{N}}]|$)")
_LINE = Expression(
    rf"(?:^|[^\p{{L}}])(?:{SUBSCRIBER})[^\n]{{0,40}}?(\d{{1,3}}(?:\.\d{{1,3}}){{3}}|[0-9a-f]{{1,4}}(?::[0-9a-f]{{0,4}}){{3,7}})"
)
_LINES = Expression(r"(?:imsi|imei|iccid|абонентский номер|лицевой счет|лицевой счёт)[^\p{N}\n]{0,16}(\d{6,20})")

#: What a text has to have for any of the expressions to fit; over UTF-8, since it is asked of every object that comes.
SIGNS = (
    r"@|＠|﹫|[\[({<]\s*(?:at|ат|собака|собачка|艾特)\s*[\])}>]|\sсобака\s|\(a\)|%40|&#x?0*[46][04];|&commat;|\sat\s+\S+\s+dot\s|"
    r"[+＋][\s(]{0,3}\p{Nd}|"
    rf"(?:{PHONE}|{JOINED_PHONE})\P{{Nd}}{{0,30}}\p{{Nd}}|%2b\d|ph\s*[+(]{{0,2}}\d{{3}}|(?:{MAIL})\s*[:：=]\s*\S+\sat\s|"
    r"(?:t\.|t\S{1,7}|telegram\.|wa\S{1,7}|vk\S{1,7}|ok\S{1,7}|facebook\S{1,7}|fb\S{1,7}|instagram\S{1,7}|twitter\S{1,7}|x\S{1,7}|linkedin\S{1,7}|"
    r"tiktok\S{1,7}|weibo\S{1,7}|xing\S{1,7})(?:me|com|ru)(?:\\?/)|resolve\?domain=|git(?:hub|lab|ee)\S{1,7}com(?:\\?/)[a-z-]+\d|"
    rf"(?:{NETWORK}|{LOGIN})[^\n]{{0,16}}[:=：]|(?:{SIGNED_IN})\s|(?:{NETWORK})\s?(?:{HANDLE})|qq\s+\d|(?:{PLAIN_NETWORK})\s\S+\d\d|[\p{{L}}\p{{N}}]\\\\+\p{{L}}|"
    rf"(?:uid|cn)=[^,=]+,\s?(?:ou|cn|dc)=|\\(?:homes?|profiles?)\$?\\|~\p{{L}}[^\s/]+/|(?:{PAYMENT}|iban)\P{{Nd}}{{0,24}}\p{{Nd}}|"
    r"номер\S{0,3}\s*\S{0,4}\d|"
    r"(?:users|documents and settings|пользователи)[\\/]|/(?:home|mail)/|"
    rf"(?:{CARD}|{JOINED_CARD})\P{{Nd}}{{0,24}}\p{{Nd}}|pan\s?(?:card|no|number)?[.:\s]{{0,2}}[a-z]{{5}}\d{{4}}|[1-8]\d{{16}}[\dX]|(?:{SUBSCRIBER})|imsi|imei|iccid|абонентский|лицевой"
)


@cache
def signs() -> Look:
    """Whether a UTF-8 text may have a value at all: a search whose None says no."""
    return look(SIGNS)


def values(text: str) -> Iterator[Value]:
    """The values in a text, each as often as it stands there."""
    # One look instead of thirty: most texts have none. A domain's account has its sign in JSON alone, where a backslash is two.
    if "\\" not in text and signs()(text.encode("utf-8", "surrogatepass")) is None:
        return
    text = plain(text)
    yield from _emails(text)
    yield from _phones(text)
    yield from _accounts(text)
    yield from _numbers(text)


def is_role(address: str) -> bool:
    """Whether a mail address is an office's."""
    local = plain(address).rpartition("@")[0].strip().strip("<>\"'").casefold()
    return local in ROLES or local.replace("_", "-").partition("-")[0] in ("cert", "csirt", "soc", "noc", "psirt", "abuse")


def is_built_in(account: str) -> bool:
    """Whether an account is none of a person's: one that systems come with, or a word for any."""
    name = account.strip().strip("<>\"'").rpartition("\\")[2].casefold().replace(" ", "")
    return (
        name in BUILT_IN
        or not any(each.isalnum() for each in name)
        or name.startswith(("s-1-5-18", "s-1-5-19", "s-1-5-20", "ntauthority", "ntservice"))
    )


def _emails(text: str) -> Iterator[Value]:
    if "@" not in text:
        return
    for found in _EMAIL.finditer(text):
        local, domain = found.group(2), found.group(3).casefold()
        address = f"{local.casefold()}@{domain}"
        if domain.rpartition(".")[2] in PAPERS:  # a file that is named by an address
            domain = domain.rpartition(".")[0]
            address = f"{local.casefold()}@{domain}"
        ends = domain.rpartition(".")[2]
        nobodys = ends in FILES or ends == "invalid" or ends.isdigit() or "." not in domain or local.casefold() == domain
        if not (found.group(1) or nobodys or is_role(address)):
            yield Value("e-mail", address)
    for found in _LITERAL.finditer(text) if "@[" in text else ():
        if not is_role(found.group(0)):
            yield Value("e-mail", found.group(0).casefold())
    for found in _QUOTED.finditer(text) if '"@' in text else ():
        yield Value("e-mail", found.group(0).casefold())


def _phones(text: str) -> Iterator[Value]:
    if "+" in text:
        for found in _E164.finditer(text):
            number = _OPEN.sub("", found.group(1))
            sum_ = "+ " in found.group(0) and _THOUSANDS.fullmatch(number)
            if not (sum_ or _DATE.fullmatch(number) or (found.group(2) or "").casefold() in UNITS):
                yield Value("phone", _only_digits(found.group(1)))
    yield from (Value("phone", _only_digits(found.group(1))) for found in _FROM_NUMBER.finditer(text))
    for expression in (_NATIONAL,) if text.isascii() else (_NATIONAL, _JOINED_NATIONAL):
        for found in expression.finditer(text):
            number = found.group(2)
            if not (_is_other(number, found.group(3)) or CALLED.intersection(found.group(1).casefold().split())):
                yield Value("phone", _only_digits(number))


def _only_digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit())


_OTHER = Expression(
    r"(?:19|20)\d\d\s?[-\x{2010}-\x{2015}/]\s?(?:19|20)\d\d|\d{4}[-./]\d{1,2}[-./]\d{1,2}.*|\d{1,2}[-./]\d{1,2}[-./]\d{4}.*|\d{1,3}(?:\.\d{1,3}){3}.*|\d+\.\d+(?:\.\d+)*"
)


def _is_other(number: str, after: str) -> bool:
    """Whether what stands behind a word for telephones is a date, an address, a version, a count or a size; or goes on as a word, as a
    hash does.
    """
    if _COUNT.fullmatch(number) or _DATE.fullmatch(number) or (_OTHER.fullmatch(number.strip()) and not _DOTTED_PHONE.fullmatch(number)):
        return True
    return bool(after) and ((not after[0].isspace() and after.isascii()) or after.strip().casefold() in UNITS)


def _accounts(text: str) -> Iterator[Value]:
    low = text.casefold()
    if "/" in text:
        for found in _PROFILE.finditer(text):
            name = _said(found).rstrip(".")
            # A bot of an attacker's is a program; pages of the network itself are nobody's.
            if name not in PAGES and not name.endswith("bot"):
                yield Value("account", name)
    if "@" in text:
        for expression in (_HANDLE, _HANDLE_IN):
            for found in expression.finditer(text):
                name = _said(found).rstrip(".")
                if not name.endswith("bot") and "." not in name[-4:]:
                    yield Value("account", name)
    yield from (
        Value("account", name) for found in _NAMED.finditer(text) if len(name := _said(found)) > 4 and name.rstrip(_DIGITS) not in PROGRAMS
    )
    yield from (Value("account", name) for found in _USER.finditer(text) if not is_built_in(name := _said(found)) and name not in SENTENCE)
    yield from (Value("account", name) for found in _DIRECTORY.finditer(text) if not is_built_in(name := _said(found)))
    if "\\" in text:
        for found in _OWNED.finditer(text):
            domain, name = found.group(1).casefold(), found.group(2).casefold()
            if not (is_built_in(name) or domain.startswith(("hk", "nt", "builtin")) or name.rpartition(".")[2] in FILES):
                yield Value("account", name)
    if any(each in low for each in ("users", "home", "settings", "пользователи", "/mail/", "profile", "~")):
        for found in _PATH.finditer(text):
            name = next(filter(None, found.groups()), "").strip().casefold()
            if not is_built_in(name) and not name.startswith(("<", "your")) and " " not in name[24:]:
                yield Value("account", name)


def _said(found: Match) -> str:
    """What one of an expression's groups found."""
    return next(filter(None, found.groups()), "").casefold()


def _numbers(text: str) -> Iterator[Value]:
    if sum(each.isdigit() for each in text) < 4:
        return
    for expression in (_ID, _JOINED_ID, _CHINA):
        for found in expression.finditer(text):
            said = next(filter(None, found.groups()), "")
            number = said.replace(" ", "")
            if _is_chinese(number) if expression is _CHINA else not _DATE.fullmatch(said):
                yield Value("national-id", number)
    for found in _IBAN.finditer(text):
        if number := _iban(found.group(1).replace(" ", "").upper()):
            yield Value("account", number)
    for found in _PAYMENT.finditer(text):
        if _is_luhn(number := _only_digits(found.group(1))):
            yield Value("account", number)
    for expression in (_LINE, _LINES):
        yield from (Value("subscriber-address", found.group(1)) for found in expression.finditer(text))


def _is_chinese(number: str) -> bool:
    """Whether 18 characters are a resident identity number by their check digit (GB 11643-1999)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True)) % 11
    return "10X98765432"[rest] == number[17].upper()


def _iban(text: str) -> str:
    """The account's number at the beginning of a text, by its check digits (ISO 13616-1); "" if there is none."""
    for length in range(min(len(text), 34), 14, -1):
        number = text[4:length] + text[:4]
        if int("".join(str(int(each, 36)) for each in number)) % 97 == 1:
            return text[:length]
    return ""


def _is_luhn(number: str) -> bool:
    """Whether digits are a payment card's number by their check digit (ISO/IEC 7812-1)."""
    doubled = (int(each) * (2 if at % 2 else 1) for at, each in enumerate(reversed(number)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0
