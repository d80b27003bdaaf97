"""What is Chinese and belongs to no module: identifiers and their check digits."""
