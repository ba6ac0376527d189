"""The phones of the development stack: takes pushes as Firebase Cloud Messaging does, text messages as a gateway does,
and issues ID tokens; keeps what came and shows it."""
