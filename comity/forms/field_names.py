"""What the names of columns and keys mean, in logs of no format of their own: CSV, W3C, JSON of any make.

Elastic Common Schema (dns, url, tls, file, email field sets), Windows and Sysmon events as JSON, and the words that proxies and sensors
use. A name says whether names, URLs, hashes or e-mail addresses stand there; IP addresses are taken from any column that holds one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from comity.forms.candidates import EMAIL, HASH, HOST, TEXT, URL

#: Last parts of names, in lower case, letters and digits alone.
_HOSTS = """
    query queryname qname rrname domain domainname fqdn host hostname dnsquery dnsname dnsquestion question
    requestdomain answer answers rdata queryresults queryresult resolvedname cname ns mx ptr a aaaa helo site servername
    sni tlssni tlsservername sslservername serverhostname serverdomain clientdomain destinationhostname destinationhost
    destinationdomain desthost desthostname destdomain dsthost dsthostname dstdomain dhost dstname destname
    sourcehostname sourcehost sourcedomain srchost shost requesthost httphost cshost rhost vhost virtualhost remotehost
    remotehostname remotename remotedomain urlhost urldomain urihost urldom xforwardedhost xhostheader httprequesthost relatedhosts
    address addr target
"""
_URLS = """
    url uri fullurl requesturl requesturi httpurl csuri httprequesturi referrer referer csreferer csreferrer
    httpreferrer httpreferer httprefer refererurl referrerurl link redirecturl targeturl destinationurl desturl dsturl
    remoteurl originalurl websiteurl
"""
_EMAILS = """
    mailfrom rcptto from to cc bcc sender senderaddress recipient recipients recipientaddress envelopefrom envelopeto
    fromaddress toaddress replyto returnpath email emailaddress
"""
_TEXTS = """
    message msg log raw rawmessage rawevent rawlog eventoriginal logoriginal messageoriginal text logline fullmessage shortmessage
    request requestline httprequest info details commandline processcommandline parentcommandline scriptblocktext
"""
WORDS = {
    **dict.fromkeys(_HOSTS.split(), HOST),
    **dict.fromkeys(_URLS.split(), URL),
    **dict.fromkeys(_EMAILS.split(), EMAIL),
    **dict.fromkeys(_TEXTS.split(), TEXT),
}
#: Names of which the last part does not say enough.
PATHS = {
    **dict.fromkeys(("dns.question.name", "dns.answers.name", "dns.answers.data", "related.hosts", "tls.client.server_name"), HOST),
    **dict.fromkeys(("url.full", "url.original", "http.request.referrer"), URL),
    **dict.fromkeys(("event.original", "log.original", "error.message"), TEXT),
    **dict.fromkeys((f"email.{who}.address" for who in ("from", "to", "cc", "bcc", "sender", "reply_to")), EMAIL),
}
#: Columns that only say that a line is a header.
_OTHERS = """
    ts time timestamp date datetime eventtime starttime endtime epoch ip srcip sourceip clientip src source cip dstip
    destip destinationip dst destination dest sip remoteip remoteaddr ipaddress srcaddr dstaddr srcport sport dstport
    dport port proto protocol method status action useragent user bytes user id
"""
OTHERS = frozenset(_OTHERS.split())
#: Keys that describe the sensor itself, that another key names, or of a part of a URL.
_SENSOR = re.compile(
    r"#text$|(?:^|\.)url\.query$|"
    r"(?:^|\.)(?:agent|host|observer|beat|elastic_agent|kubernetes|container|cloud|orchestrator)\."
)
#: What is worked out of another key.
_WORKED_OUT = frozenset(("registereddomain", "topleveldomain", "ja3hash", "ja3shash", "ja4hash", "imphash", "communityid"))
_HASH = re.compile(r"md5|sha1|sha256|sha512|sha_1|sha_256|sha_512|hash")


def compact(name: str) -> str:
    """The last part of a dotted name, its letters and digits in lower case: `cs(Referer)` and `CS_REFERER` alike."""
    return "".join(char for char in name.rpartition(".")[2].lower() if char.isalnum())


@lru_cache(65_536)
def role_of(name: str) -> str | None:
    """What stands under a name, dotted where keys are nested; None where only an address counts."""
    parts = name.lower().split(".")
    for count in (3, 2):
        found = PATHS.get(".".join(parts[-count:]))
        if found is not None:
            return found
    word = compact(name)
    if word in _WORKED_OUT or _SENSOR.search(name.lower()):
        return None
    return WORDS.get(word) or (HASH if _HASH.search(word) else None)


def known(name: str) -> bool:
    """Whether a name is one that headers use."""
    return role_of(name) is not None or compact(name) in OTHERS
