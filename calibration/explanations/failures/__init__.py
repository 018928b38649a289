"""What sets the attention of wrong predictions apart from that of right ones."""
