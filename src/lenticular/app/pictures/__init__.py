"""Pictures: taken in, found, changed, removed, looked after."""
