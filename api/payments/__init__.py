"""What the payment provider tells, by the browser's callback and by webhook."""
