"""What is drawn on paper: text of all scripts in a PDF, marks, codes, and a person's report."""
