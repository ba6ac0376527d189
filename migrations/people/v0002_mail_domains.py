"""Mail addresses of people with their domain in ASCII, as they are kept and looked for from now on."""

import sqlalchemy as sa
from alembic import op
from email_validator import EmailNotValidError, validate_email

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BEYOND_ASCII = sa.text(
    "SELECT id, email FROM users WHERE deleted_at IS NULL AND octet_length(email) > length(email) ORDER BY id"
)
# Where somebody has the address in its ASCII form already, theirs stays the only one that is found by it.
WRITE = sa.text("""
    UPDATE users SET email = :email WHERE id = :id AND NOT EXISTS (
        SELECT FROM users AS u WHERE u.deleted_at IS NULL AND lower(u.email) = lower(:email))
""")


def upgrade() -> None:
    connection = op.get_bind()
    for person_id, email in connection.execute(BEYOND_ASCII).all():
        name, _, domain = email.rpartition("@")
        try:
            found = validate_email(f"x@{domain}", check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            continue
        connection.execute(WRITE, {"id": person_id, "email": f"{name}@{found.ascii_domain}"})


def downgrade() -> None:
    """Both forms are the same address: nothing is written back."""
