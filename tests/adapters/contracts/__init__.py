"""One suite for the real thing and for its fake: what workflow tests rely on is what production does."""
