"""Serve a screening camp: from the camera's folder to the operator's page, nothing ever lost."""
