"""Reference data as CSV or XLSX: a table is written to a file, and rows of a file are added or changed by their key.

A file is judged whole before anything is written: each of its rows as the API would judge it, with every fault named by
its row and column. It is taken whole, in one transaction, or not at all.
"""
