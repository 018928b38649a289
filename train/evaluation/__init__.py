"""What a trained model makes of photos, measured, drawn and written down."""
