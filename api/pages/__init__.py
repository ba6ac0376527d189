"""The web pages: login with one's list of bookings, a booking, a password. Plain HTML and scripts that call the API."""
