"""DICOM files: which photographs they hold, whose and of which eye, and new ones made of JPEGs."""
