"""How the phones are called where others have to know it; imports nothing, for the stack reads it."""

OIDC_NAME = "sandbox"
CLIENT_ID = "revcare-sandbox-app"
PROJECT = "revcare-sandbox"
ACCOUNT = f"pushes@{PROJECT}.iam.gserviceaccount.com"
CREDENTIALS = "service-account.json"
"""The service account's file, in the folder of the phones."""
