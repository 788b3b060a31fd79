"""Files of plain events, taken column by column from the file to the log (ADR 0043): a module per step."""
