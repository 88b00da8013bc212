"""What the JSON API takes and gives about people: a file for each noun."""
