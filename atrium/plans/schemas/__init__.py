"""What the JSON API takes and gives about plans: a file for each noun."""
