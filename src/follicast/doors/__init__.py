"""The ways in: command line, calendar. A door parses, calls and prints; nothing is computed in it."""
