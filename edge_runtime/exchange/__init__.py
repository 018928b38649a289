"""What goes to a hospital's archive and record: DICOM SR, FHIR, what sends them, pseudonyms."""
