"""What the readings of a suite's questions are worth: each that was kept, asked by itself and judged."""
