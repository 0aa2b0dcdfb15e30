"""Any server that speaks OpenAI's protocol: trtllm-serve, vLLM, SGLang, NIM and others."""

from evalsuite.backends.openai.backend import OpenAiBackend

__all__ = ["OpenAiBackend"]
