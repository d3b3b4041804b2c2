"""What is done to the board to see that it holds: `make mutants`, `make faults`, `make load`."""
