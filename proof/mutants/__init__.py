"""Guards taken away one at a time: each must make a test fail."""
