"""Speed, measured as ratios to a bare limit taken in the same run: `make bench` writes docs/benchmarks.md."""
