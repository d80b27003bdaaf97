"""Use cases of payroll."""
