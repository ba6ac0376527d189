"""The workflows: deterministic and durable."""
