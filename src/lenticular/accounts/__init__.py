"""Who may do what: users, roles, tokens, sessions, the audit log. Pure: times and secrets are passed in."""
