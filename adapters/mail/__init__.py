"""Mails to customers: written from one template per kind, in HTML and in text, and handed to an SMTP server."""

from adapters.mail.sender import MailSender

__all__ = ["MailSender"]
