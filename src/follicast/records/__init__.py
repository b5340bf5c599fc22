"""The clinic's memory. Nothing is kept yet: it is built with the clinic's page."""
