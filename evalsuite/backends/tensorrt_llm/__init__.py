"""TensorRT-LLM in this process, through its LLM API."""

from evalsuite.backends.tensorrt_llm.backend import TensorRtLlmBackend

__all__ = ["TensorRtLlmBackend"]
