"""Tables of the engine, one set for all kinds: bookings, money, documents, webhooks, e-mails."""
