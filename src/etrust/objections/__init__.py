"""异议与纠错: a wrong datum found anywhere is corrected at its source."""
