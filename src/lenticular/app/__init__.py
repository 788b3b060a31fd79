"""What the server does, one verb per file: the pure rooms' rules, applied to real stores."""
