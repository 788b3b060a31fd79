"""What Lenticular does, one verb per file, over the ports."""
