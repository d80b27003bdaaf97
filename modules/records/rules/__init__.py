"""Pure rules of the records: no clock, no session."""
