"""The books of a month for the shop's accountant: registers, the columns of GSTR-1, settlements, and their sums."""
