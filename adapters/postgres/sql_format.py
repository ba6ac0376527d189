"""Formats of values in statements that build JSON themselves: ``.format`` each with an SQL expression."""

INSTANT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
"""A moment in UTC, to the second: "2026-11-24T06:11:09Z"."""

RUPEES = "to_char({} / 100.0, 'FM9999999999990.00')"
"""Paise as rupees with two decimals: "1650.00"."""
