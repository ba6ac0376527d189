"""What threads, messages and feeds hold of people, and how long they are kept."""

from collections.abc import Mapping

from adapters.personal_data import Held
from adapters.postgres.retention import Rule

_FEED = "what a person was told live in the last seven days"

PERSONAL_DATA_OF_MESSAGES: Mapping[str, Held] = {
    "threads": Held(
        personal="initiator_id receiver_id",
        plain="created_at last_message_at",
        what="who writes to whom, about which booking",
        leaving="stays, with the id: the other one keeps the conversation",
        theirs="t.initiator_id = ANY(:people) OR t.receiver_id = ANY(:people)",
        exported="id, booking_id, initiator_id, receiver_id, last_message_at, created_at",
    ),
    "messages": Held(
        personal="sender_id content",
        plain="message_type client_id read_at sent_at",
        what="what people wrote to each other",
        leaving="stays, with the id: the other one keeps the conversation, which a dispute may need",
        theirs="t.sender_id = ANY(:people) OR t.thread_id IN (SELECT h.id FROM threads AS h"
        " WHERE h.initiator_id = ANY(:people) OR h.receiver_id = ANY(:people))",
        exported="id, thread_id, sender_id, content, message_type, read_at, sent_at",
    ),
    "feed_heads": Held(
        personal="user_id",
        what="how many events a person was told",
        leaving="stays: a number with the id, so that no number is given away twice",
        left_out="a number of ours, which says nothing of the person",
    ),
    "feed_events": Held(
        personal="user_id data",
        plain="type key created_at",
        what=_FEED,
        leaving="goes",
        erase="DELETE FROM feed_events WHERE user_id = ANY(:people)",
        theirs="t.user_id = ANY(:people)",
        exported="id, type, data, created_at",
    ),
}

RETENTION_OF_MESSAGES: Mapping[str, Rule] = {
    "threads": Rule("for good: the conversation of two people, of whom one may have left"),
    "messages": Rule("for good, with their thread"),
    "feed_heads": Rule("for good: a number for each person"),
    "feed_events": Rule(
        "7 days; whoever comes back later reads everything anew", "t.created_at < now() - interval '7 days'"
    ),
}
