"""Who may open the station's pages: the password, who is signed in, and this computer's names."""
