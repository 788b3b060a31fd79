"""What should this visitor see here? A snapshot, a request and what is known go in; a decision with reasons comes out."""
