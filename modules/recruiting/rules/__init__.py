"""Pure rules of recruiting: no clock, no session."""
