"""What the payment provider sent: the uniques here make a webhook that comes twice one webhook."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt, Id


class WebhookEvent(Base):
    """A message of the provider, durable before the answer. Its event id is unsigned: the body's hash is unique too."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        Index("ix_webhook_inbox_waiting", "id", postgresql_where=text("state = 'received'")),
        Index("ix_webhook_inbox_order", "order_id"),
        Index("ix_webhook_inbox_received_at", "received_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[str | None] = mapped_column(unique=True)
    body_sha256: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    order_id: Mapped[str | None]
    payment_id: Mapped[str | None]
    refund_id: Mapped[str | None]
    dispute_id: Mapped[str | None]
    transfer_id: Mapped[str | None]
    account_id: Mapped[str | None]
    state: Mapped[str]
    received_at: Mapped[CreatedAt]
    delivered_at: Mapped[datetime | None]
