"""The clinic's page and its API: parse, call, show. Nothing is computed here.

`app` puts it together, `guard` keeps the door, `sign_in` opens it. It speaks to nobody outside: every script and style
is its own.
"""
