"""What Lenticular does, one verb per file: the pure rooms' rules, applied to the stores."""
