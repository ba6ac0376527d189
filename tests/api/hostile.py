"""What attackers send: words, and fields that nobody asked for."""

from typing import Any

Json = dict[str, Any]

WORDS = {
    "a query's end": "' OR '1'='1' --",
    "another statement": "x'; DROP TABLE users; --",
    "a formula": '=HYPERLINK("http://evil.example","x")',
    "a formula's sum": "+1+1",
    "a formula's difference": "-2+3+cmd|' /C calc'!A0",
    "a formula's function": "@SUM(1+1)*cmd",
    "markup": '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "templates": "{{7*7}}{% include '/etc/passwd' %}${7*7}#{7*7}<%= 7*7 %>",
    "formats": "%s%n%(password)s{0.__class__}{nb}\\u0041\\x41%00%0d%0a",
    "another header": "x\r\nBcc: everyone@evil.example\r\n\r\n<b>",
    "an encoded word": "=?utf-8?q?x=0D=0ABcc:_everyone@evil.example?=",
    "an operator": '{"$gt": ""}',
    "an operator's name": "$where",
    "a path": "../../../../etc/passwd",
    "a command": "`id` $(id) | id ; id",
    "letters that lead astray": "gpj.exe\u200b\ufeff \u00e9 \U0001f697",
}
"""Each may stand wherever people write; it must be kept as it is and mean nothing. Names have no line breaks."""

FAR = 987654321
"""A number that nothing here has."""
LONG_AGO = "1999-01-01T00:00:00Z"
HASH = "$argon2id$v=19$m=19456,t=2,p=1$aG9zdGlsZWhvc3RpbGU$aG9zdGlsZWhvc3RpbGVob3N0aWxlaG9zdGlsZWhvc3Q"

EXTRAS: Json = {
    **dict.fromkeys(("id", "_id", "user_id", "owner_id", "payment_id", "order_id", "run_id"), FAR),
    **dict.fromkeys(("version", "score", "points", "open_jobs", "rating_average", "rating_count", "revision"), FAR),
    **dict.fromkeys(("created_at", "updated_at", "deleted_at", "validated_at", "password_changed_at"), LONG_AGO),
    **dict.fromkeys(("at", "timestamp", "closed_at", "completed_at", "decide_until", "expires_at"), LONG_AGO),
    **dict.fromkeys(("price", "total", "subtotal", "due", "paid", "estimate", "quote", "unit_price"), "0.01"),
    **dict.fromkeys(("gst_percent", "cancellation_fee", "fee", "discount", "price_quote_total"), "0.01"),
    **dict.fromkeys(("validated", "is_admin", "is_superuser", "confirmed", "refunded", "recommended", "done"), True),
    **dict.fromkeys(("active", "needs_attention", "revoked"), False),
    "totals": {"total": "0.01", "due": "0.00", "paid": "9999.00"},
    "role": "admin",
    "roles": ["admin"],
    "role_id": 1,
    "scopes": ["WRITE:ADMINS", "DELETE:ADMINS"],
    "permissions": ["WRITE:ADMINS"],
    "password_hash": HASH,
    "status": "delivered",
    "state": "done",
    "allowed_actions": ["cancel"],
    "by": {"role": "admin", "id": "ADM000001"},
    "actor": {"role": "admin", "id": "ADM000001"},
    "asked_by": "ADM000001",
    "updated_by": f"ADM{FAR}",
    "responded_by": f"ADM{FAR}",
    "validated_by": f"ADM{FAR}",
    "policy": {"inspection_fee": 1, "gst_percent": "0"},
    "$set": {"role": "admin", "response": HASH},
    "$where": "sleep(5000)",
    "__proto__": {"role": "admin"},
    "constructor": {"prototype": {"role": "admin"}},
    "": "nameless",
}
"""Fields that other bodies, rows and documents have, with values that would be seen if they were taken."""
TRACES = (str(FAR), LONG_AGO[:10], HASH[-20:], "9999.00", "sleep(5000)", "nameless")
"""What an answer, a row or a document must not contain."""


def with_extras(body: Json, own: set[str]) -> Json:
    """The body with everything else that is not its own; what is its own comes last and counts."""
    return {**{name: value for name, value in EXTRAS.items() if name not in own}, **body}
