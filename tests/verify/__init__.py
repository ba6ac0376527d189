"""The adapters held against whatever real service the environment names: `make verify`.

In `make test` the same tests hold them against the embedded servers; docs/provider.md says what was found.
"""
