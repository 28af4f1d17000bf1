"""Which page answers: lexical and dense search over one snapshot, fused and judged page by page."""
