"""Answers as Block Kit: pure functions from what is to be said to the blocks Slack shows."""
