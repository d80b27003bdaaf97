"""What the calendar does, without HTTP and without SQL."""
