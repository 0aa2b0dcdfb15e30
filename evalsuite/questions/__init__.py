"""Task files and data rows → questions, pinned by hashes."""

from evalsuite.questions.loading import LoadedTask, load_questions, load_task
from evalsuite.questions.tasks import TaskSpec, read_task, task_names

__all__ = ["LoadedTask", "TaskSpec", "load_questions", "load_task", "read_task", "task_names"]
