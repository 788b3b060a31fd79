"""Where things are kept: one folder per engine, each behind a port of `lenticular.ports`."""
