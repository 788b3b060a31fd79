"""What should this visitor see here? Snapshot, request and what is known go in; a decision with reasons comes out."""
