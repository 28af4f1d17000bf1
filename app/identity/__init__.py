"""Who a request is from: keys, tokens, and headers of proxies that have checked the caller."""
