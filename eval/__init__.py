"""Question suites and what judges the answers; stands on top of everything else."""
