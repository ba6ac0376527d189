"""The commands of operators, a module for each group: each has an ``app`` to which its functions are added."""
