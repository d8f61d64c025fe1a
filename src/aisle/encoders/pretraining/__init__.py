"""How a language model comes to know a shop: domain pre-training on its titles, descriptions, reviews and queries."""
