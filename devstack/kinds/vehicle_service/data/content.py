"""Texts that the shop edits without a release."""

CONTENT = {
    "home_banner": "https://cdn.revcare.example/banners/monsoon-check.png",
    "home_headline": "We fetch your car, mend it, and bring it back.",
    "offers_banner": "Monsoon check-up: wipers, brakes and battery looked at together.",
    "about": "A service centre in Pune. Every visit is written down step by step: you see what we see.",
    "terms": "An estimate is free. Work starts when you have approved it, line by line. Warranty as stated.",
    "privacy": "We keep what a visit needs: who you are, how to reach you, your car and what was done to it.",
    "contact": "14 Service Road, Pune 411001 · service@revcare.example",
}
