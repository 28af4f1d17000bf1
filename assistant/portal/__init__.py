"""The catalog and the search as a Backstage portal asks for them: the same entities, filters, cursors and results as its own backend."""
