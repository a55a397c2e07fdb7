"""Logs of every format, written by hand, each line with the values that it shows; a few are hard to read, many only look like a hit."""

from __future__ import annotations

from tests.match import logs_of_columns, logs_of_json, logs_of_text

#: (kind, value)
VALUES = [
    ("domain", "bad.example"),
    ("domain", "evil.test"),
    ("domain", "xn--mnchen-3ya.example"),
    ("domain", "a-b_c.example"),
    ("domain", "deep.sub.evil.test"),
    ("domain", "xn--80aswg.xn--p1ai"),
    ("ipv4", "192.0.2.66"),
    ("ipv4", "203.0.113.5"),
    ("cidr", "198.51.100.128/25"),
    ("ipv6", "2001:db8::bad"),
    ("ipv6", "2001:db8:0:1::1"),
    ("cidr", "2001:db8:ffff::/48"),
    ("url", "http://u.example/x"),
    ("url", "https://u.example/a/b?c=d"),
    ("url", "http://u.example:8080/p"),
    ("url", "http://u.example/"),
    ("url", "http://u.example/%7Euser"),
    ("url", "http://me:pw@u.example/y"),
    ("url", "http://192.0.2.77/z"),
    ("url", "http://[2001:db8::77]/z"),
    ("email", "mallory@mail.example"),
    ("email", "O'Neil+x@mail.example"),
    ("md5", "d41d8cd98f00b204e9800998ecf8427e"),
    ("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
        "sha512",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
]

#: Name -> lines, each with the indicators' values on it.
LOGS = logs_of_columns.LOGS | logs_of_json.LOGS | logs_of_text.LOGS
