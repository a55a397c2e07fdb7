"""Code lists of other bodies that STIX refers to: languages, countries, socket options, request headers, PDF keys.

The registries that grow every month (media types, services, IPFIX) are held to their grammar instead: `stix_should`.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: ISO 639-1.
LANGUAGES_2 = _words(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg "
    "ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn "
    "no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
#: ISO 639-2, both its terminological and bibliographic codes.
LANGUAGES_3 = _words(
    "aar abk ace ach ada ady afa afh afr ain aka akk alb ale alg alt amh ang anp apa ara arc arg arm arn arp art arw asm "
    "ast ath aus ava ave awa aym aze bad bai bak bal bam ban baq bas bat bej bel bem ben ber bho bih bik bin bis bla bnt "
    "bod bos bra bre btk bua bug bul bur byn cad cai car cat cau ceb cel ces cha chb che chg chi chk chm chn cho chp chr "
    "chu chv chy cmc cnr cop cor cos cpe cpf cpp cre crh crp csb cus cym cze dak dan dar day del den deu dgr din div doi "
    "dra dsb dua dum dut dyu dzo efi egy eka ell elx eng enm epo est eus ewe ewo fan fao fas fat fij fil fin fiu fon fra "
    "fre frm fro frr frs fry ful fur gaa gay gba gem geo ger gez gil gla gle glg glv gmh goh gon gor got grb grc gre grn "
    "gsw guj gwi hai hat hau haw heb her hil him hin hit hmn hmo hrv hsb hun hup hye iba ibo ice ido iii ijo iku ile ilo "
    "ina inc ind ine inh ipk ira iro isl ita jav jbo jpn jpr jrb kaa kab kac kal kam kan kar kas kat kau kaw kaz kbd kha "
    "khi khm kho kik kin kir kmb kok kom kon kor kos kpe krc krl kro kru kua kum kur kut lad lah lam lao lat lav lez lim "
    "lin lit lol loz ltz lua lub lug lui lun luo lus mac mad mag mah mai mak mal man mao map mar mas may mdf mdr men mga "
    "mic min mis mkd mkh mlg mlt mnc mni mno moh mon mos mri msa mul mun mus mwl mwr mya myn myv nah nai nap nau nav nbl "
    "nde ndo nds nep new nia nic niu nld nno nob nog non nor nqo nso nub nwc nya nym nyn nyo nzi oci oji ori orm osa oss "
    "ota oto paa pag pal pam pan pap pau peo per phi phn pli pol pon por pra pro pus que raj rap rar roa roh rom ron rum "
    "run rup rus sad sag sah sai sal sam san sas sat scn sco sel sem sga sgn shn sid sin sio sit sla slk slo slv sma sme "
    "smi smj smn smo sms sna snd snk sog som son sot spa sqi srd srn srp srr ssa ssw suk sun sus sux swa swe syc syr tah "
    "tai tam tat tel tem ter tet tgk tgl tha tib tig tir tiv tkl tlh tli tmh tog ton tpi tsi tsn tso tuk tum tup tur tut "
    "tvl twi tyv udm uga uig ukr umb und urd uzb vai ven vie vol vot wak wal war was wel wen wln wol xal xho yao yap yid "
    "yor ypk zap zbl zen zgh zha zho znd zul zun zxx zza"
)
#: ISO 3166-1 alpha-2.
COUNTRIES = _words(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC "
    "CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD "
    "GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH "
    "KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW "
    "MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC "
    "SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY "
    "UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
#: Prefix -> the socket options of POSIX, RFC 3493, 3542, 3678, Linux and Winsock.
_SOCKET = {
    "SO": "ACCEPTCONN ATTACH_BPF ATTACH_FILTER BINDTODEVICE BROADCAST BUSY_POLL CONDITIONAL_ACCEPT CONNECT_TIME DEBUG "
    "DETACH_FILTER DOMAIN DONTLINGER DONTROUTE ERROR EXCLUSIVEADDRUSE GROUP_ID GROUP_PRIORITY INCOMING_CPU "
    "KEEPALIVE LINGER LOCK_FILTER MARK MAX_MSG_SIZE OOBINLINE PASSCRED PASSSEC PAUSE_ACCEPT PEEK_OFF PEERCRED "
    "PEERSEC PORT_SCALABILITY PRIORITY PROTOCOL PROTOCOL_INFO RANDOMIZE_PORT RCVBUF RCVBUFFORCE RCVLOWAT RCVTIMEO "
    "REUSEADDR REUSEPORT REUSE_UNICASTPORT REUSE_MULTICASTPORT RXQ_OVFL SELECT_ERR_QUEUE SNDBUF SNDBUFFORCE "
    "SNDLOWAT SNDTIMEO TIMESTAMP TIMESTAMPING TIMESTAMPNS TXTIME TYPE UPDATE_ACCEPT_CONTEXT UPDATE_CONNECT_CONTEXT "
    "USELOOPBACK ZEROCOPY",
    "ICMP": "FILTER",
    "ICMP6": "FILTER",
    "IP": "ADD_MEMBERSHIP ADD_SOURCE_MEMBERSHIP BIND_ADDRESS_NO_PORT BLOCK_SOURCE DONTFRAGMENT DROP_MEMBERSHIP "
    "DROP_SOURCE_MEMBERSHIP FREEBIND HDRINCL LOCAL_PORT_RANGE MINTTL MSFILTER MTU MTU_DISCOVER MULTICAST_ALL "
    "MULTICAST_IF MULTICAST_LOOP MULTICAST_TTL NODEFRAG OPTIONS ORIGINAL_ARRIVAL_IF PASSSEC PKTINFO "
    "RECEIVE_BROADCAST RECVDSTADDR RECVERR RECVIF RECVOPTS RECVORIGDSTADDR RECVTOS RECVTTL RETOPTS ROUTER_ALERT TOS "
    "TRANSPARENT TTL UNBLOCK_SOURCE UNICAST_IF",
    "IPV6": "ADDRFORM ADD_MEMBERSHIP CHECKSUM DONTFRAG DROP_MEMBERSHIP DSTOPTS FLOWINFO FREEBIND HDRINCL HOPLIMIT HOPOPTS "
    "JOIN_GROUP LEAVE_GROUP MTU MTU_DISCOVER MULTICAST_HOPS MULTICAST_IF MULTICAST_LOOP NEXTHOP PATHMTU PKTINFO "
    "PROTECTION_LEVEL RECVDSTOPTS RECVERR RECVHOPLIMIT RECVHOPOPTS RECVIF RECVPATHMTU RECVPKTINFO RECVRTHDR "
    "RECVTCLASS ROUTER_ALERT RTHDR RTHDRDSTOPTS TCLASS TRANSPARENT UNICAST_HOPS UNICAST_IF USE_MIN_MTU V6ONLY",
    "MCAST": "BLOCK_SOURCE JOIN_GROUP JOIN_SOURCE_GROUP LEAVE_GROUP LEAVE_SOURCE_GROUP UNBLOCK_SOURCE",
    "TCP": "BSDURGENT CONGESTION CORK DEFER_ACCEPT EXPEDITED_1122 FASTOPEN FASTOPEN_CONNECT INFO KEEPALIVE KEEPCNT "
    "KEEPIDLE KEEPINTVL LINGER2 MAXRT MAXSEG MD5SIG NODELAY NOTSENT_LOWAT QUICKACK SYNCNT TIMESTAMPS USER_TIMEOUT "
    "WINDOW_CLAMP",
    "IRLMP": "9WIRE_MODE DISCOVERY_MODE ENUMDEVICES EXCLUSIVE_MODE IAS_QUERY IAS_SET IRLPT_MODE PARAMETERS SEND_PDU_LEN "
    "SHARP_MODE TINYTP_MODE",
}
#: Names of socket options (section 6.12.4).
SOCKET_OPTIONS = frozenset(f"{prefix}_{name}" for prefix, names in _SOCKET.items() for name in names.split())
#: Request header fields: RFC 9110, 9111, 6265, 6455, 7239 and those in common use.
REQUEST_HEADERS = _words(
    "Accept Accept-Charset Accept-Datetime Accept-Encoding Accept-Language Access-Control-Request-Headers Access-Control- "
    "Request-Method Alt-Used Authorization Cache-Control Connection Content-Encoding Content-Language Content-Length "
    "Content-Location Content-MD5 Content-Type Cookie Cookie2 DNT Date Early-Data Expect Forwarded From Front-End-Https "
    "HTTP2-Settings Host If If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive Link Max- "
    "Forwards Origin Pragma Prefer Proxy-Authorization Proxy-Connection Range Referer Save-Data Sec-Fetch-Dest Sec-Fetch- "
    "Mode Sec-Fetch-Site Sec-Fetch-User Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket- "
    "Version TE Trailer Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent Via Warning X-ATT-DeviceId "
    "X-Correlation-ID X-Csrf-Token X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Http-Method-Override X-Request-ID "
    "X-Requested-With X-UIDH X-Wap-Profile"
)
#: Keys of a PDF document information dictionary (ISO 32000-1, 14.3.3).
PDF_KEYS = _words("Title Author Subject Keywords Creator Producer CreationDate ModDate Trapped")
