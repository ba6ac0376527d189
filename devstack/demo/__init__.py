"""The demo: real bookings, driven through the public API by the demo people while you watch.

`python -m devstack.demo` starts the stack, drives six scenarios of a kind at once, kills processes in the middle and
verifies at the end that nothing was lost or done twice. What it does is said by each kind in `devstack/kinds`; the
journey tests drive the same people.
"""
