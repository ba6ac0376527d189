"""Commands on bookings: from the request to the booking's workflow and back to the answer."""
