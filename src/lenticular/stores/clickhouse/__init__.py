"""The columnar log: ClickHouse, embedded in a child process, spoken to over its HTTP dialect."""
