"""Which values in a text lead to a person, in which scripts and disguises, and what only looks like one."""

from __future__ import annotations

import time

import msgspec
import pytest

from comity.terms.person_text import is_built_in, is_role, signs, values

#: Where Windows keeps what is its users'.
DISK = "\\".join(("C:", "Users"))

FOUND = [
    ("write to john.doe@example.com now", "e-mail", "john.doe@example.com"),
    ("j [at] example [dot] com", "e-mail", "j@example.com"),
    ("j(at)mail(dot)example(dot)com", "e-mail", "j@mail.example.com"),
    ("john at mail dot example dot com", "e-mail", "john@mail.example.com"),
    ("ivan (собака) mail.example", "e-mail", "ivan@mail.example"),
    ("иван@почта.пример", "e-mail", "иван@почта.пример"),
    ("联系用户@例子.公司了解", "e-mail", "联系用户@例子.公司了解"),
    ("user＠example。com", "e-mail", "user@example.com"),
    ("https://phish.example/?e=john%40mail.example", "e-mail", "e=john@mail.example"),
    ("j\u200bohn@mail.example", "e-mail", "john@mail.example"),
    (r"john@mail\.example", "e-mail", "john@mail.example"),
    ('"john doe"@mail.example', "e-mail", '"john doe"@mail.example'),
    ("ask at +7 701 000 00 00.", "phone", "77010000000"),
    ("тел. 8 (701) 123-45-67", "phone", "87011234567"),
    ("电话13800138000", "phone", "13800138000"),
    ("手机：１３８００１３８０００", "phone", "13800138000"),
    ("هاتف: ٠١٢٣٤٥٦٧٨٩", "phone", "0123456789"),
    ("phone number: 555-010-0199", "phone", "5550100199"),
    ("tel:+1-555-010-0199", "phone", "15550100199"),
    ("https://t.me/john_doe", "account", "john_doe"),
    ("hxxps://t[.]me/john_doe", "account", "john_doe"),
    ("on Telegram as @hacker_1", "account", "hacker_1"),
    ("телеграм @ivan_petrov", "account", "ivan_petrov"),
    ("微信: wx_12345", "account", "wx_12345"),
    (DISK + r"\jsmith\AppData\x.exe", "account", "jsmith"),
    (DISK.replace("\\", 2 * "\\") + r"\\jsmith\\x.exe", "account", "jsmith"),
    (r"D:\Пользователи\иванов\x", "account", "иванов"),
    ("run from " + "/".join(("", "home", "anna", "x")), "account", "anna"),
    ("логин: ivanov", "account", "ivanov"),
    ("用户名：wang12", "account", "wang12"),
    ("ИИН 900101300123", "national-id", "900101300123"),
    ("passport N1234567", "national-id", "N1234567"),
    ("id 11010519491231002X", "national-id", "11010519491231002X"),
    ("the subscriber 198.51.100.7 was hit", "subscriber-address", "198.51.100.7"),
    ("абонент 198.51.100.7", "subscriber-address", "198.51.100.7"),
    ("IMSI 001010123456789", "subscriber-address", "001010123456789"),
    ("учётная запись: i.petrov", "account", "i.petrov"),
    ("имя пользователя i.petrov", "account", "i.petrov"),
    ("账号 zhangwei88", "account", "zhangwei88"),
    ("帐户：zhangwei88", "account", "zhangwei88"),
    ("account name: aigerim.n", "account", "aigerim.n"),
    ("logged in as user aigerim.n", "account", "aigerim.n"),
    ("QQ 号 123456789 的用户", "account", "123456789"),
    ("QQ 123456789", "account", "123456789"),
    ("抖音号:zhang88", "account", "zhang88"),
    ("WeChat ID aigerim_n88", "account", "aigerim_n88"),
    ("skype: live:aigerim_n", "account", "aigerim_n"),
    ("discord: aigerim#1234", "account", "aigerim#1234"),
    ("https://ok.ru/profile/123456789", "account", "123456789"),
    ("file:///" + DISK.replace("\\", "/") + "/aigerim%20n/x.doc", "account", "aigerim n"),
    ("on " + "/".join(("", "mnt", "c", "Users", "aigerim", "x")), "account", "aigerim"),
    ("on " + "/".join(("", "export", "home", "aigerim")), "account", "aigerim"),
    ("on " + "/".join(("", "var", "mail", "aigerim")), "account", "aigerim"),
    ("IBAN GB82 WEST 1234 5698 7654 32", "account", "GB82WEST12345698765432"),
    ("card 4111 1111 1111 1111", "account", "4111111111111111"),
    ("anna.b @ mail . example", "e-mail", "anna.b@mail.example"),
    ("anna.b\u00a0@\u00a0mail.example", "e-mail", "anna.b@mail.example"),
    ("anna.b@\nmail.example", "e-mail", "anna.b@mail.example"),
    ("anna.b\u202e@\u202cmail.example", "e-mail", "anna.b@mail.example"),
    ("anna.b@[192.0.2.1]", "e-mail", "anna.b@[192.0.2.1]"),
    ("anna.b@mail.example.docx", "e-mail", "anna.b@mail.example"),
    ("с номера 8 701 555-12-34 поступил звонок", "phone", "87015551234"),
    ("Ph: (701) 555 1234 ext 12", "phone", "7015551234"),
    ("联系 13800138000 张", "phone", "13800138000"),
    ("driver's license D1234567", "national-id", "D1234567"),
    ("持港澳通行证 C12345678", "national-id", "C12345678"),
    ("بطاقة الهوية 1234567890", "national-id", "1234567890"),
    ("уд. личности № 012345678", "national-id", "No012345678"),
    ("полис ОМС 1234567890123456", "national-id", "ОМС1234567890123456"),
    ("scan_passport_N12345678.pdf", "national-id", "N12345678"),
    ('{"username":"aigerim.n"}', "account", "aigerim.n"),
    ("账户名:lihua", "account", "lihua"),
    ("登录名 lihua88", "account", "lihua88"),
    ("微信 aigerim_n88", "account", "aigerim_n88"),
    ("حساب المستخدم ahmad88", "account", "ahmad88"),
    ("شناسه کاربری ali88", "account", "ali88"),
    ("@aigerim_n in Telegram", "account", "aigerim_n"),
    ("матрица @aigerim:chat.example", "account", "aigerim"),
    ("tg://resolve?domain=aigerim_n", "account", "aigerim_n"),
    ("учетка i.petrov заблокирована", "account", "i.petrov"),
    (r"owner: CORP\aigerim.n", "account", "aigerim.n"),
    ("uid=aigerim.n,ou=people,dc=example", "account", "aigerim.n"),
    ("CN=Aigerim N,OU=Users,DC=corp,DC=example", "account", "aigerim n"),
    ("ls ~aigerim/public_html", "account", "aigerim"),
    ("\\".join(("on ", "", "srv", "home", "aigerim", "x")), "account", "aigerim"),
    ("https://github.com/aigerimn88", "account", "aigerimn88"),
    ("https://xing.com/profile/A_N", "account", "a_n"),
    ("رقم الجوال 0501234567", "phone", "0501234567"),
    ("Contact number: (701) 555-1234", "phone", "7015551234"),
    ("Call me at 701.555.1234", "phone", "7015551234"),
    ("tel=%2B77015551234", "phone", "77015551234"),
    ("ph 7015551234", "phone", "7015551234"),
    ("паспорт серии 45 09 № 123456", "national-id", "4509No123456"),
    ("загранпаспорт 71 1234567", "national-id", "711234567"),
    ("вод. удост. 77 12 345678", "national-id", "7712345678"),
    ("台胞证 12345678", "national-id", "12345678"),
    ("户口簿 110105194912310021", "national-id", "110105194912310021"),
    ("driving licence MORGA753116SM9IJ", "national-id", "MORGA753116SM9IJ"),
    ("voter id ABC1234567", "national-id", "ABC1234567"),
    ("CNIC 35202-1234567-1", "national-id", "35202-1234567-1"),
    ("NIN 12345678901", "national-id", "12345678901"),
    ("PAN ABCDE1234F", "national-id", "ABCDE1234F"),
    ("البريد: ahmad @ mail.example", "e-mail", "ahmad@mail.example"),
    ("aigerim%40mail%2Eexample", "e-mail", "aigerim@mail.example"),
    ("mail to: aigerim AT mail.example", "e-mail", "aigerim@mail.example"),
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_a_value_is_found_whatever_stands_around_it(text, kind, value):
    for around in (text, f"Text before. {text}", f"{text}\nand after"):
        assert (kind, value) in set(values(around)), around
        assert signs()(msgspec.json.encode(around)) is not None, "the first look has to let it through"


CLEAN = [
    "icon@2x.png", "abuse@example.com and cert-team@example.com", "security@mail.example", "user@localhost",
    "http://paypal.example@phish.example/", "phone 2021-01-02 10:11:12", "mobile CVE-2021-12345", "tel 192.0.2.55",
    "mobile app of 1234567 bytes, call 0x12345678", "https://t.me/evil_bot", "https://t.me/joinchat/x", DISK + r"\Public\x",
    DISK + r"\%USERNAME%\x", "/".join(("https:", "", "phish.example", "home", "login.php")), "username: admin", "2021-01-01T00:00:00+05:30",
    "aGVsbG8+12345678901234", "5d41402abc4b2a76b9719d911017c592", "11010519491231002Y", "+1 of 12", "Telegram: used for control",
    "reported at conference.example", "npm install left-pad@1.3.0", "@echo off", "10.0.0.1 - 203.0.113.255", "pages 100200300-400",
    "customers of 198 banks", "version 1.2.3+20210101", "git@github.com:example/x.git", DISK + r"\All Users\z", "login: POST /login",
    "username: required", "user name: empty", "телефонное мошенничество 2019-2021", "+12345678 bytes", "krbtgt/EXAMPLE.COM@EXAMPLE.COM",
    "user@example.invalid", "IBAN GB82 WEST 1234 5698 7654 33", "card 4111 1111 1111 1112", "a beacon @ c2.example", "lib@next.bundle.js",
    "QQ 9.7.1 installer", "skype 8.75.0.140", "账号被盗", "account 4.2",
    "Telnet 23 2323 23231", "phones: 1000000 infected", "phone: 1000000", "call stack 7015551234", "ID card lure 2026-01-01",
    "account: the attacker creates one", "+20260302", "+ 12 345 678 (12 %)", "wechat windows10", "微信 android12", "@import from facebook", "mobile 20210101",
    r"detected by Microsoft\Defender", r"seen as Foo\Bar-1.2", "CN=Domain Admins,CN=Users,DC=corp,DC=example",
    r"run as TEMP\svc.exe", r"owner: NT AUTHORITY\SYSTEM", r"by HKLM\Software", "https://github.com/example/tool", "~root/.ssh",
    "Email: hosted at evil.example", "C:/PROGRA~1/x", "uid=root,ou=people,dc=example", "pan 2026 1234 5678",
]  # fmt: skip


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_one_is_left(text):
    assert list(values(text)) == []


def test_office_mailboxes_and_built_in_accounts_are_nobodys():
    assert is_role("abuse@example.com") and is_role("CERT@mail.example") and is_role("soc_night@mail.example")
    assert not is_role("anna@example.com") and not is_role("information.anna@example.com")
    assert is_built_in("Administrator") and is_built_in("www-data") and is_built_in(r"CORP\SYSTEM") and is_built_in("S-1-5-18")
    assert not is_built_in("anna")


@pytest.mark.parametrize(
    "piece",
    [
        "a" * 64 + "@",
        "tel ",
        "+1 ",
        "@telegram ",
        "[at]",
        DISK + "\\",
        "x at y dot ",
        "1-",
        "(a)",
        "uid=a,ou",
        "~ab",
        r"by a\\b",
        "call me ",
    ],
)
def test_time_is_linear_in_the_text(piece):
    def cost(count: int) -> float:
        text = piece * count
        best = min(_timed(text) for _ in range(3))
        return best

    assert cost(4_000) < 40 * cost(500) + 0.05


def _timed(text: str) -> float:
    start = time.process_time()
    list(values(text))
    return time.process_time() - start
