"""The words of the e-mails about a booking, one template for each slug."""

from pathlib import Path

TEMPLATES = Path(__file__).parent
