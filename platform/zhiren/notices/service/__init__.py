"""What rooms ask of notices: sending, the inbox, timelines, settings."""
