"""What every answer tells a browser, errors and files included, unless the answer says it in its own words.

Nothing of ours is shown inside another page, guessed to be of another type, or loads anything; no address of ours is
told to anybody else. Pages that need more say so themselves (``api.pages.protection``, ``api.documentation.pages``).
"""

ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
BEHIND_TLS: tuple[tuple[bytes, bytes], ...] = ((b"strict-transport-security", b"max-age=31536000"),)
"""For a request that came over TLS, as the server or a trusted proxy (``X-Forwarded-Proto``) says. Without subdomains:
they are not ours to decide about."""
