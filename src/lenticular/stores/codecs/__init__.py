"""What pictures are decoded and encoded with: in a process of its own, with limits."""
