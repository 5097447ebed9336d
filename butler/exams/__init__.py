"""Exams of a model: taken over material whose answers are known, in a house of their own, scored and kept."""
