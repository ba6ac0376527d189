"""The domain's tests: no event loop, no mocks."""
