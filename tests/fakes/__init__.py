"""Honest fakes behind the real activity classes; the contract tests in ``tests/adapters`` keep them so."""
