"""Time slots. Ids 2 and 12 are the ones that the printed samples of the API documentation use."""

# id, name, from, until
TIMESLOTS = (
    (2, "Morning", "08:00", "12:00"),
    (6, "Afternoon", "13:00", "16:00"),
    (9, "Evening", "16:00", "19:00"),
    (12, "Night", "19:00", "22:00"),
)

GST_PERCENT = "18"
