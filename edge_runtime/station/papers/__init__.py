"""What a camp hands out: slips and receipts as PDF, their code, and folders to carry on a stick."""
