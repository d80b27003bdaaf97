"""Drawing, checking and running flows: no clock, no session."""
