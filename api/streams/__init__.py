"""Answers that stay open while something goes on."""
