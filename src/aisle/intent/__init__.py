"""What does a query mean: which brand, category, price, size; is it a name, a number, a broad or a specific need?"""

from aisle.intent.intent import Intent, IntentResult
from aisle.intent.learning import clicks_by_query, learn_intent

__all__ = ["Intent", "IntentResult", "clicks_by_query", "learn_intent"]
