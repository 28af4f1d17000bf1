"""The Slack bot: questions asked in Slack, answered in Slack, one message each."""
