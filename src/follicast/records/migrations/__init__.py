"""How an older database comes to the shape of this release: one step a file in `versions`."""
