"""The provider's states: what becomes of orders, payments, refunds, disputes and links. Plain functions on the box."""
