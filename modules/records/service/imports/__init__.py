"""The import studio: from somebody's spreadsheet to records, and back."""
