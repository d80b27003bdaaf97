"""招聘: from the wish for a person to the first day at work."""
