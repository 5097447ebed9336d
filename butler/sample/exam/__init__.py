"""The exam that ships: mails in six languages and small calendars, all made up, with what is right to say of them."""

from butler.sample.exam.loading import OWNER, ExamMaterialError, load
from butler.sample.exam.writing import build, ics

__all__ = ["OWNER", "ExamMaterialError", "build", "ics", "load"]
