"""Observable values in one normal form each: what two parties must write alike for a match (model.md, Matching rule).

Kinds and their forms:

* `domain`  ASCII (UTS 46, IDNA 2008 where possible), lower case, at least two labels, no trailing dot.
* `ipv4`    strict dotted decimal, no leading zeros (RFC 6943 section 3.1.1 says why octal is dangerous).
* `ipv6`    RFC 5952; an IPv4-mapped address stays an ipv6 and is written `::ffff:192.0.2.1`.
* `cidr`    the network address and prefix length, either family.
* `url`     scheme and host lower case / IDNA, default port and fragment dropped, an empty path is `/`. User part, path and
            query keep their characters exactly: `%7e`, `%7E` and `~` are three different URLs, as servers may treat them.
* `email`   the domain in its normal form; the local part exactly as given (RFC 5321 section 2.4).
* `md5`, `sha1`, `sha256`, `sha512`  lower-case hexadecimal.

Defanged text (`hxxp`, `[.]`, `(dot)`, `[at]`) is read as what it stands for, once: a normal form is its own normal form.
Everything here is pure and linear in its input.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv6Address, NetmaskValueError, ip_network

import idna

HASH_KINDS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_LENGTHS = {length: kind for kind, length in HASH_KINDS.items()}
KINDS = ("domain", "ipv4", "ipv6", "cidr", "url", "email", *HASH_KINDS)
#: A URL longer than this is refused: no server takes it, and it costs memory in every index.
MAX_URL = 8192

_LABELS = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_OBSERVED = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]{1,63}\Z")
_HEX = re.compile(r"[0-9a-f]+\Z")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,31})://")
_DOT = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[\.|\.\]|\[dot\]|\(dot\)|\{dot\}|\\\.", re.IGNORECASE)
_AT = re.compile(r"\[at\]|\(at\)|\{at\}|\[@\]|\(@\)", re.IGNORECASE)
_ANY_AT = re.compile("@|" + _AT.pattern, re.IGNORECASE)
_MAILTO = re.compile(r"\A(?:mailto:)+", re.IGNORECASE)
_COLON = re.compile(r"\[:\]")
_FANGED_SCHEME = re.compile(r"h(?:xx|tt|\*\*)p(s?)(?:\[:\]//|\[://\]|\[:/+\]|://)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f]|\s")
_OCTETS = frozenset(map(str, range(256)))
_PORTS = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}


def normal(kind: str, text: str) -> str:
    """The normal form of a value of a kind. Raises ValueError that says what is wrong with it."""
    form = _FORMS.get(kind)
    if form is None:
        raise ValueError(f"{kind!r} is not a kind of observable: one of {', '.join(KINDS)}")
    return form(text.strip())


def guess(text: str) -> tuple[str, str] | None:
    """The kind and normal form that a bare value evidently has, None if it is not an observable.

    A value without a scheme is never taken for a URL, and `name.ext` is a domain: the caller knows whether it reads a list.
    """
    text = text.strip()
    if not text or len(text) > MAX_URL:
        return None
    for kind in _candidates(text):
        try:
            return kind, _FORMS[kind](text)
        except ValueError:
            continue
    return None


def evident(kind: str, text: str) -> tuple[str, str]:
    """The kind and normal form of a value whose writer says its kind, as lists and events write it. Raises ValueError.

    The word given for the kind wins where the value can be read so; a URL without its scheme (`host/path`) is plain http,
    which is what such lists mean. Otherwise a mistyped value is what it evidently is, if anything.
    """
    text = text.strip()
    bare = kind == "url" and "://" not in text and "/" in text and not text.lower().startswith("hxxp")
    try:
        return kind, normal(kind, f"http://{text}" if bare else text)
    except ValueError:
        found = guess(text)
        if found is None:
            raise
        return found


def _candidates(text: str) -> tuple[str, ...]:
    if (kind := _LENGTHS.get(len(text))) and _HEX.match(text.lower()):
        return (kind,)
    if "://" in text or "[:" in text[:12]:
        return ("url", "ipv6")
    if "/" in text:
        return ("cidr",)
    if "@" in text or _AT.search(text):
        return ("email",)
    if ":" in text:
        return ("ipv6",)
    return ("ipv4", "domain") if text[-1].isdigit() else ("domain",)


def refang(text: str) -> str:
    """Defanged text as it was: `hxxps://a[.]example` -> `https://a.example`, `me[at]a(dot)example` -> `me@a.example`."""
    if "[" in text or "(" in text or "{" in text or "\\" in text:
        text = _AT.sub("@", _COLON.sub(":", _DOT.sub(".", _FANGED_SCHEME.sub(_scheme, text))))
    if text[:1] in "hH":
        text = _FANGED_SCHEME.sub(_scheme, text)
    return text


def _scheme(match: re.Match[str]) -> str:
    return f"http{match.group(1).lower()}://"


def defang(text: str) -> str:
    """A value as it is safe to show or paste: `normal` of the result gives the value back. What is defanged already stays as it is."""
    if text[:4].lower() == "http" and "://" in text:
        scheme, _, rest = text[4:].partition("://")
        host, slash, path = rest.partition("/")  # brackets in the path of a working URL are its own
        text = f"hxxp{scheme}://{_plain(host)}{slash}{path}"
    else:
        text = _plain(text)
    if "://" in text:
        return text.replace(".", "[.]")
    return text.replace("[:]", ":").replace("@", "[at]").replace(".", "[.]").replace(":", "[:]")


def _plain(text: str) -> str:
    return text.replace("[.]", ".").replace("(.)", ".")


def _domain(text: str) -> str:
    name = text.lower()
    if name.endswith("."):
        name = name[:-1]
    if len(name) <= 253 and _LABELS.match(name):
        return _named(name, text)
    name = refang(name).rstrip(".")
    if not name.isascii():
        name = _ascii(name)
    if not name or _FORBIDDEN.search(name):
        raise ValueError(f"{text!r} is not a domain name: empty, or white space in it")
    if len(name) > 253:
        raise ValueError(f"{text[:40]!r}... is not a domain name: longer than 253 characters (RFC 1035 section 2.3.4)")
    if not _OBSERVED.match(name):
        raise ValueError(f"{text!r} is not a domain name: it needs two or more labels of a-z, 0-9, '-' and '_', 1 to 63 long")
    return _named(name, text)


def _named(name: str, text: str) -> str:
    """`name`, unless its last label is a number: then it is an address, or nothing (RFC 3696 section 2)."""
    if name[-1].isdigit() and name.rpartition(".")[2].isdigit():
        raise ValueError(f"{text!r} is not a domain name: the last label is a number")
    return name


def _ascii(name: str) -> str:
    """The ASCII form by UTS 46; a label that IDNA 2008 forbids but that was observed is still given its punycode form."""
    try:
        return idna.encode(name, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        pass
    labels = []
    for label in re.split("[.\u3002\uff0e\uff61]", name):
        try:
            labels.append(label if label.isascii() else idna.encode(label, uts46=True).decode("ascii").lower())
        except (idna.IDNAError, UnicodeError):
            if _FORBIDDEN.search(label):
                raise ValueError(f"{name!r} is not a domain name: white space in it") from None
            try:
                labels.append("xn--" + label.casefold().encode("punycode").decode("ascii").lower())
            except UnicodeError:
                raise ValueError(f"{name!r} is not a domain name: not encodable") from None
    return ".".join(labels)


def _ipv4(text: str) -> str:
    text = refang(text)
    parts = text.split(".")
    if len(parts) == 4 and all(part in _OCTETS for part in parts):
        return text
    raise ValueError(f"{text!r} is not an IPv4 address: four decimal numbers 0-255 without leading zeros")


def _ipv6(text: str) -> str:
    text = refang(text)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if "%" in text:
        raise ValueError(f"{text!r} carries a zone, which means something on one machine only")
    try:
        address = IPv6Address(text)
    except (AddressValueError, ValueError):
        raise ValueError(f"{text!r} is not an IPv6 address") from None
    return _rfc5952(address)


def _rfc5952(address: IPv6Address) -> str:
    """RFC 5952 text; section 5 for IPv4-mapped addresses, which Python versions write differently."""
    mapped = address.ipv4_mapped
    return f"::ffff:{mapped}" if mapped is not None else address.compressed


def mapped(value: str) -> str:
    """The address of version 4 that an ipv6 in normal form stands for (RFC 4291 section 2.5.5.2); "" for any other."""
    return value[7:] if value.startswith("::ffff:") and "." in value else ""


def _cidr(text: str) -> str:
    text = refang(text)
    base, slash, length = text.partition("/")
    if not slash or not (length.isascii() and length.isdigit() and len(length) <= 3):
        raise ValueError(f"{text!r} is not a network: address/prefix length, like 192.0.2.0/24")
    base = _ipv6(base) if ":" in base else _ipv4(base)
    try:
        network = ip_network(f"{base}/{int(length)}", strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise ValueError(f"{text!r} is not a network: the prefix length does not fit the address") from None
    address = network.network_address
    return f"{_rfc5952(address) if isinstance(address, IPv6Address) else address}/{network.prefixlen}"


def _url(text: str) -> str:
    _short(text)
    fanged = _FANGED_SCHEME.match(text)
    plain = _scheme(fanged) + text[fanged.end() :] if fanged else text
    found = _SCHEME.match(plain)
    if not found:
        raise ValueError(f"{text[:80]!r} is not a URL: it has no scheme such as https://")
    if _FORBIDDEN.search(plain):
        raise ValueError(f"{text[:80]!r} is not a URL: white space or a control character in it")
    scheme = found.group(1).lower()
    rest = plain[found.end() :].partition("#")[0]
    cut = next((i for i, c in enumerate(rest) if c in "/?"), len(rest))
    user, at, given = _parted(rest[:cut])
    tail, hostport = rest[cut:], refang(given)
    if hostport != given or at not in ("", "@") or (fanged and fanged.group().lower() != _scheme(fanged)):
        # The writer defanged the host, so what stands beside it is defanged alike; nothing else is ever changed there.
        user, tail = refang(user), tail.replace("[.]", ".")
    whole = f"{scheme}://{user}{at and '@'}{_hostport(scheme, hostport, text)}{tail if tail[:1] == '/' else '/' + tail}"
    return _short(whole)


def _short(url: str) -> str:
    if len(url) > MAX_URL:
        raise ValueError(f"a URL of {len(url)} characters: at most {MAX_URL}")
    return url


def _parted(text: str) -> tuple[str, str, str]:
    """What stands before the last `@` of an authority or address, defanged or not; that `@`; and what stands after it."""
    marks = list(_ANY_AT.finditer(text))
    return (text[: marks[-1].start()], marks[-1].group(), text[marks[-1].end() :]) if marks else ("", "", text)


def _hostport(scheme: str, text: str, whole: str) -> str:
    host, port = text, ""
    if text.startswith("["):
        host, bracket, after = text.partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise ValueError(f"{whole[:80]!r} is not a URL: its host is not a bracketed IPv6 address")
        host, port = f"[{_ipv6(host[1:])}]", after[1:]
    else:
        host, _, port = text.partition(":")
        try:
            host = _ipv4(host)
        except ValueError:
            host = _host(host, whole)
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
        raise ValueError(f"{whole[:80]!r} is not a URL: {port[:20]!r} is not a port")
    port = str(int(port)) if port else ""
    return f"{host}:{port}" if port and port != _PORTS.get(scheme) else host


def _host(host: str, whole: str) -> str:
    """A URL's host may be a single label (`http://intranet/`), which a domain indicator may not."""
    try:
        return _domain(host)
    except ValueError:
        name = host.lower()
        if _OBSERVED.match(f"{name}.x"):
            return name
        raise ValueError(f"{whole[:80]!r} is not a URL: {host[:80]!r} is not a host") from None


def _email(text: str) -> str:
    local, at, given = _parted(text)
    domain = refang(given)
    if domain != given or at != "@":  # defanged, so the local part is too
        local = refang(local)
    local = _MAILTO.sub("", local)
    if not at or not local or len(local) > 64 or _FORBIDDEN.search(local) or "@" in local:
        raise ValueError(f"{text!r} is not an e-mail address: local@domain, without white space")
    return f"{local}@{_domain(domain)}"


def _hash(kind: str, length: int) -> Callable[[str], str]:
    def form(text: str) -> str:
        lower = text.lower()
        if len(lower) != length or not _HEX.match(lower):
            raise ValueError(f"{text[:140]!r} is not a {kind}: {length} hexadecimal digits")
        return lower

    return form


_FORMS: dict[str, Callable[[str], str]] = {
    "domain": _domain,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "url": _url,
    "email": _email,
    **{kind: _hash(kind, length) for kind, length in HASH_KINDS.items()},
}
