"""What several formats say about the same things, gathered while files are read and written once at the end.

An incident comes from an export and from webhooks, an alert from its rule and from who fires it. Sources hand over
what they read; a collector joins it, ties it to entities, and adds records and edges.
"""
