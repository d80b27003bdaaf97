"""Calendars that people keep elsewhere: over CalDAV, or as a file behind an address."""
