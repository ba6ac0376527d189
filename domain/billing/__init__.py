"""Money of a booking: records, totals, what the provider reports, refunds, disputes, documents and the ledger."""
