"""How a question becomes a plan: tokens → mentions → composed readings → ranked plans. No language model."""
