"""The shop as plain tables. Ids are the position in a table, counted from 1, unless a row says its own."""
