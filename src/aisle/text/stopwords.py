"""Which words of a query need not be found?"""

from collections.abc import Sequence

ENGLISH = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for", "from", "have", "how", "i",
    "if", "in", "into", "is", "it", "its", "me", "my", "of", "on", "or", "our", "shall", "so", "some", "such",
    "than", "that", "the", "their", "them", "there", "these", "they", "this", "to", "was", "we", "what", "where",
    "which", "who", "will", "with", "would", "you", "your",
})  # fmt: skip
CHINESE = frozenset({
    "的", "地", "得", "了", "和", "与", "及", "或", "在", "是", "有", "我", "你", "他", "她", "它",
    "我们", "你们", "把", "被", "给", "对", "从", "用", "于", "以", "之", "着", "过", "吗", "呢",
    "吧", "啊", "呀", "个", "些", "那", "这", "什么", "怎么", "哪", "哪个", "哪种", "哪里", "适合",
    "用的", "款", "要", "想", "想要", "买", "求",
})  # fmt: skip


def optional_words(words: Sequence[str]) -> tuple[bool, ...]:
    """For each word, in plain form, whether it says little; never all of them, so that no query is emptied.

    >>> optional_words(["lamp", "for", "the", "desk"]), optional_words(["the", "who"])
    ((False, True, True, False), (False, False))
    """
    marks = tuple(word in ENGLISH or word in CHINESE for word in words)
    return (False,) * len(words) if all(marks) else marks
