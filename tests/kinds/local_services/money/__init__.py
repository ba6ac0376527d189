"""Money of local services when everything goes wrong: processes die, webhooks come twice or never, banks say no."""
