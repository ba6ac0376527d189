"""What the benchmark says about itself: choice of cases, medians, the table."""
