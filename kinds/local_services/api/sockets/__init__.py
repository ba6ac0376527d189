"""Sockets of people: what they are told live, and what they say."""
