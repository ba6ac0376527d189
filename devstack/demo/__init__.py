"""The demo: real bookings, driven through the public API by the demo people while you watch.

`python -m devstack.demo` starts the stack, drives six scenarios at once, kills the worker in the middle and verifies at
the end that nothing was lost or done twice. The journey tests drive the same people.
"""
