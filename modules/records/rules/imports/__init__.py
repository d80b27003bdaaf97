"""Reading a spreadsheet of people: fields, cells, guesses and the dry run. Pure."""
