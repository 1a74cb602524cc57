"""Where the advisor meets other libraries, each of which is imported late; only the public library is used here."""
