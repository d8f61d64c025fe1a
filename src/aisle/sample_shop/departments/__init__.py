"""What does each department sell, and in which words?"""
