"""The domain's tests: no event loop, no mocks, every booking made by the rules themselves."""
