"""An archive of many photographs, taken through one model by the workers of a Ray cluster."""
