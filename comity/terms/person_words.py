"""The words by which objects and texts are looked through for persons, in Latin, Cyrillic, Chinese and Arabic script: lists, no rules."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


#: Local parts of mailboxes that are an office's, not a person's: RFC 2142, and those that response teams publish.
ROLES = listed(
    """
    abuse admin administrator alert alerts billing bounce cert cirt cna contact csirt daemon dns dnsadmin domain domains dpo enquiries
    feedback ftp git hello helpdesk help hostmaster hr incident incidents info ir irt is-abuse it legal listserv mail mailer-daemon
    maintenance marketing media netops network news newsletter no-reply noc noreply office operations postmaster press privacy psirt
    registrar report reports responsible-disclosure root sales secretariat security service soc spam support sysadmin tech usenet uucp
    vulnerability webmaster whois www
    """
)
#: Accounts that systems come with, and words that stand for any.
BUILT_IN = listed(
    """
    account admin administrator administrators all allusers anonymous any anyone apache attacker bin bot daemon default default_user
    defaultuser delete desktop dnsadmins docs domainadmins domaincomputers domaincontrollers
    domainusers empty enterpriseadmins everyone example ftp get git guest home http id is java jenkins linux local local_service
    localhost localservice login logs missing mysql name network network_service networkservice nginx nobody none null operator optional
    oracle pass password pi post postgres public put redis required root sa sample server service shared ssh support sys system test tmp
    tomcat ubuntu unknown user username usr vagrant victim windows www www-data xxx your_username yourname администратор гость
    пользователь система
    """
)
#: What has a number behind a network's name, and is no account of it.
PROGRAMS = listed("android api app bot build client desktop ios linux macos mobile scraper version web win windows")
#: What stands behind a word for accounts and begins a sentence.
SENTENCE = listed(
    """
    after also and are before both but can created creates each for from has have here his how its may more must new not now one only other
    our she should some that the their then there these they this used uses using was were what when where which while who will with you
    без был была были все для его ещё или как когда который мы над него нет она они под при так там тогда что это этот
    """
)
#: What looks like a top-level domain and is the end of a file's name.
FILES = listed(
    """
    apk asp aspx bat bin bmp bz2 c cfg class cmd conf cpp cs css csv dat db dll dmg doc docx exe gif go gz h hta html ico img ini iso
    jar jpeg jpg js json jsp lnk log lua m4a mdb mp3 mp4 msi odt ogg pdf php plist png ppt pptx ps1 py pyc rar rb reg rtf scr sh sql svg
    swf sys tar tgz tmp toml ts ttf txt vbs war wav webm webp woff wsf xls xlsx xml yaml yml z zip
    """
)
#: Of these, those that people's names are given to.
PAPERS = listed("csv doc docx eml jpeg jpg msg pdf png rar rtf txt xls xlsx zip")
#: What else stands behind a social network's name than an account's.
PAGES = listed(
    """
    about ads bot business developers docs events explore feed groups hashtag help home i intent invite joinchat login messages p pages
    photo photos plugins policies privacy profile search settings share sharer sharer.php signup status support terms video videos wall
    watch
    """
)
#: Words for telephones, for networks of people, for accounts, for papers of persons and for subscribers, as parts of expressions (RE2).
PHONE = (
    r"tels?|telephon\p{L}*|telefon\p{L}*|ph[.:]|phone[sd]?|mobiles?|mob|cell|cellular|cellphones?|whatsapp|viber|fax(?:es)?|hotlines?|"
    r"msisdn|sms|calls?|called|calling|contact (?:number|no)|raqam\p{L}*|"
    r"тел|телефон\p{L}*|моб|мобильн\p{L}*|сот|сотов\p{L}*|ватсап\p{L}*|вотсап\p{L}*|вайбер\p{L}*|факс\p{L}*|позвон\p{L}*|звон\p{L}*|смс|"
    r"нөмір\p{L}*|рақам\p{L}*|утас\p{L}*"
)
#: The same in scripts that write words together, or join them to others.
JOINED_PHONE = r"电话|電話|手机|手機|传真|傳真|拨打|致电|座机|号码|联系|هاتف|تلفون|تلفن|جوال|موبايل|موبایل|محمول|واتساب|تماس|شماره"
NETWORK = (
    r"telegram|twitter|instagram|facebook|tiktok|douyin|discord|skype|jabber|wechat|weixin|viber|threema|icq|qq|"
    r"телеграмм?|телега|тг|инстаграмм?|твиттер|вконтакте|вк|одноклассники|скайп|微信|抖音|快手|支付宝|电报|電報|推特|微博|تيليجرام|تلغرام|تليجرام|تلگرام|تويتر|واتساب"
)
#: Of these, those of which no program's name goes on: a name with digits follows at once.
PLAIN_NETWORK = r"wechat|weixin|instagram|douyin|icq|вконтакте|вк|одноклассники|инстаграмм?|微信|抖音|快手|微博"
#: What says behind a network's name that a name there follows.
HANDLE = r"id|account|handle|username|nick|ник|аккаунт|号|账号|帐号|用户"
LOGIN = (
    r"(?:user|account|login) ?(?:name|id)?|логин|уч[её]тн(?:ая|ой|ую) запис[ьи]|уч[её]тк\p{L}*|имя пользователя|пользовател\p{L}*|аккаунт|"
    r"用户名|用戶名|登录名|登錄名|账号|帐号|帳號|账户名?|帐户名?|帳戶|اسم المستخدم|حساب المستخدم|نام کاربری|شناسه کاربری|حساب"
)
#: Behind these a name follows without a sign between.
SIGNED_IN = (
    r"logged (?:in|on) as(?: user)?|as user|user ?name|account name|логин|уч[её]тн(?:ая|ой|ую) запис[ьи]|уч[её]тк\p{L}*|"
    r"им(?:я|енем) пользователя|用户名|用戶名|登录名|登錄名|账号|帐号|帳號|账户名?|帐户名?|"
    r"اسم المستخدم|حساب المستخدم|نام کاربری|شناسه کاربری"
)
#: Behind these a name follows that a domain stands before (`DOMAIN\name`).
OWNED = (
    r"users?|user ?name|owner|account|login|logged (?:in|on) as(?: user)?|as user|as|by|"
    r"пользовател\p{L}*|владелец|от имени|用户|账号|المستخدم"
)
#: Behind these, and a colon, an address follows.
MAIL = r"e-?mails?|mail|mail ?to|почт\p{L}*|邮箱|邮件|郵箱|电邮|البريد(?: الإ?لكتروني)?|بريد|ایمیل|پست الکترونیک"
#: For cards by which people pay.
PAYMENT = (
    r"(?:credit |debit |bank |payment )?card(?: ?(?:no|number|num))?\.?|банковск\p{L}* карт\p{L}*|карт[аыуе](?: №)?|卡号|银行卡|بطاقة|کارت"
)
CARD = (
    r"passport|national id|id card|identity card|driver.?s? licen[cs]e|driving licen[cs]e|voter.?s? id|ssn|nin|cnic|aadhaar|"
    r"(?:загран)?паспорт\p{L}*|снилс|иин|жсн|пинфл|жшшир|инн|удостоверени\p{L}*|(?:вод\p{L}*\.? ?)?удост\.|уд\.? ?личности|"
    r"водительск\p{L}* прав\p{L}*|полис\p{L}*|身份证号?码?|身份證|护照号?码?|通行证号?码?|驾驶证号?码?|驾照|"
    r"جواز السفر|رقم الهوية|بطاقة الهوية|رخصة القيادة|کد ملی|گذرنامه"
)
#: In Chinese nothing stands between such a word and those around it.
JOINED_CARD = r"身份证|身份證|护照|護照|通行证|通行證|台胞证|回乡证|户口簿|户口本|军官证|驾驶证|驾照"
SUBSCRIBER = r"subscribers?|customer|абонент\p{L}*|用户ip|用户地址|订户|مشترك|المشترك|مشترک"
#: What a number is of that stands behind such a word and is no telephone's.
UNITS = listed(
    """
    affected b bytes byte calls compromised devices handsets hosts infected infections kb mb gb kib mib gib k m ms phones s sec seconds
    records victims users usd eur rub times байт кб мб гб руб устройств 字节
    """
)
#: What else is numbered behind a word for calls.
CALLED = listed("address api chain count function graph hook id instruction offset opcode sequence site stack table trace tree")
#: MISP's attribute types that are of a person whatever their value looks like -> kind of value.
MISP = {
    **dict.fromkeys(
        listed(
            """
            whois-registrant-name first-name middle-name last-name full-name date-of-birth place-of-birth gender nationality
            passport-country
            payment-details place-port-of-original-embarkation place-port-of-clearance place-port-of-onward-foreign-destination
            primary-residence travel-details special-service-request email-src-display-name email-dst-display-name
            """
        ),
        "identity",
    ),
    **dict.fromkeys(("passport-number", "passport-expiration", "identity-card-number", "visa-number", "redress-number"), "national-id"),
    **dict.fromkeys(("whois-registrant-phone", "phone-number", "prtn"), "phone"),
    **dict.fromkeys(("email", "email-src", "email-dst", "email-reply-to", "target-email"), "e-mail"),
    **dict.fromkeys(("whois-registrant-email", "dns-soa-email"), "e-mail"),
    **dict.fromkeys(("iban", "bank-account-nr", "cc-number"), "account"),
    **dict.fromkeys(("target-user", "github-username", "jabber-id", "twitter-id", "eppn"), "account"),
}
#: Kind of value -> names of fields that hold one, as an expression (RE2); `_` stands for `-` too.
FIELDS = {
    "identity": r"(?:first|last|full|given|family|middle|maiden|sur|registrant|victim|subscriber|employee|customer|person|real|contact|"
    r"owner|reporter)_?names?|surname|patronymic|(?:date|place)_of_birth|birth_?(?:date|day|place)|dob|(?:home|residential)_address|residence",
    "phone": r"(?:phone|telephone|mobile|msisdn|cellphone|fax|tel|whatsapp)(?:_?(?:no|num|number))?s?",
    "account": r"user_?names?|account_login|logins?|user_id|account_?(?:name|id)|nick(?:name)?|screen_name|telegram|skype|jabber|wechat|"
    r"icq|twitter|facebook|vkontakte|linkedin|instagram|iban|bank_?account(?:_?(?:no|nr|number))?|(?:cc|card)_?(?:no|num|number)",
    "subscriber-address": r"imsi|imei|iccid|subscriber(?:_?(?:id|ip|address|number|line|account))?|caller_?id|customer_?(?:id|ip|number)",
    "national-id": r"passport(?:_?(?:no|num|number|id))?|national_?id(?:_?number)?|ssn|snils|pinfl|iin|tax_?id|id_?card(?:_?number)?|"
    r"aadhaar",
}
