"""Résumés as candidates send them, read into fields: ``parse`` takes bytes, and what reads them cannot do harm."""
