"""What a page's browser may load and whom it may talk to.

Everything is ours, without inline script; only the payment provider's checkout is let in beside it, and only on the
page of a booking.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

_REAL = "api.razorpay.com"


@dataclass(frozen=True, slots=True)
class CheckoutSources:
    """The provider's script and the sources that it needs for itself."""

    script: str
    scripts: tuple[str, ...]
    frames: tuple[str, ...]
    connections: tuple[str, ...] = ()
    styles_its_frame: bool = False


def checkout_at(base_url: str) -> CheckoutSources:
    """The checkout that belongs to an API: the real one has hosts of its own, a sandbox has all on its own origin."""
    parts = urlsplit(base_url)
    if parts.hostname != _REAL:
        origin = f"{parts.scheme}://{parts.netloc}"
        return CheckoutSources(f"{base_url.rstrip('/')}/checkout.js", scripts=(origin,), frames=(origin,))
    checkout, api = "https://checkout.razorpay.com", f"https://{_REAL}"
    return CheckoutSources(
        f"{checkout}/v1/checkout.js",
        scripts=(checkout, "https://cdn.razorpay.com"),
        frames=(api, checkout),
        connections=(api, "https://lumberjack.razorpay.com", "https://lumberjack-cx.razorpay.com"),
        # Their script places its frame by style attributes; style sheets and style elements stay ours.
        styles_its_frame=True,
    )


def headers(checkout: CheckoutSources | None = None) -> dict[str, str]:
    """The headers of a page; ``checkout`` for the page where one can pay."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *(checkout.scripts if checkout else ())],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'", *(checkout.connections if checkout else ())],
        "frame-src": list(checkout.frames) if checkout else ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    if checkout and checkout.styles_its_frame:
        rules["style-src-attr"] = ["'unsafe-inline'"]
    return {
        "Content-Security-Policy": "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items()),
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-cache",
    }
