"""Slow proofs, each with a verdict: python -m verification."""
