"""What calendars and address books have in common: WebDAV over one connection, and collections that are followed by tokens."""
