"""Write a suite for an organisation from its own catalog: sampled questions, varied wordings, answers worked out apart from the product."""
