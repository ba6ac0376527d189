"""Uploaded images: checked by their structure and stored as files."""
