"""The client of an OpenAI-compatible endpoint: a hosted model, or llama.cpp, vLLM or Ollama of one's own.

Off unless an address is set. A model that is slow, down or broken is logged and answers None: nothing waits for it longer than the
time it is given, and every answer exists without it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from catalog_store.errors import UserError

if TYPE_CHECKING:
    from app.settings import Settings
    from search.language_model import LanguageModel

_LOG = logging.getLogger(__name__)

REST_S = 30.0
"""Seconds a model that failed is left alone, so that a dead endpoint does not slow every question."""


MOST_REPLY = 20_000
"""Characters of a reply that are passed on, several times what anyone asks for."""

MOST_AT_ONCE = 16
"""Questions that wait for the model at once, fewer than there are threads to answer with; further ones do without it."""


class OpenAICompatible:
    """Chat completions over HTTP. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        *,
        model: str,
        key: str | None = None,
        timeout_s: float = 10.0,
        proposes: bool = False,
    ) -> None:
        """Nothing is sent before the first question.

        Args:
            url: of the endpoint, with its version: "http://127.0.0.1:8080/v1".
            model: name of the model, as the endpoint knows it.
            key: sent as a bearer token; endpoints of one's own mostly need none.
            timeout_s: longest wait for a whole reply.
            proposes: whether it may be asked for readings of questions.

        Raises:
            UserError: the client library is not installed.
        """
        try:
            import openai  # noqa: PLC0415  half a second, and only for those who want a model
        except ImportError:
            raise UserError(
                "an endpoint of a language model is set, but its client is missing; install callboard[writer]"
            ) from None
        # The client passes replies of another shape on as they are, and broken JSON as a ValueError.
        self._failures: tuple[type[Exception], ...] = (
            openai.OpenAIError,
            TimeoutError,
            ValueError,
            AttributeError,
            TypeError,
        )
        self._client: Any = openai.AsyncOpenAI(
            base_url=url,
            api_key=key or "none",
            timeout=timeout_s,
            max_retries=0,
            default_headers={
                "Connection": "close"
            },  # a reply takes seconds; an idle socket would only go stale
        )
        self._model = model
        self._timeout_s = timeout_s
        self.proposes = proposes
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._rests_until = 0.0
        # The client's own timeout begins anew with every byte; only a task can be ended wherever it waits.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="language-model", daemon=True).start()

    def reply(self, instructions: str, request: str, *, most_tokens: int) -> str | None:
        """See `LanguageModel`; the same request gives the same reply as far as the endpoint holds to its seed."""
        with self._lock:
            if time.monotonic() < self._rests_until:
                return None
        if not self._places.acquire(blocking=False):
            return None
        asked = asyncio.wait_for(self._chat(instructions, request, most_tokens), self._timeout_s)
        try:
            said = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        except self._failures as error:
            _LOG.warning("the language model gave no answer: %s", str(error) or "it took too long")
            with self._lock:
                self._rests_until = time.monotonic() + REST_S
            return None
        finally:
            self._places.release()
        return said[:MOST_REPLY] if isinstance(said, str) else None

    async def _chat(self, instructions: str, request: str, most_tokens: int) -> Any:
        answer = await self._client.chat.completions.create(
            model=self._model,
            messages=[
                {"role": "system", "content": instructions},
                {"role": "user", "content": request},
            ],
            temperature=0,
            seed=1,
            max_tokens=most_tokens,
        )
        return answer.choices[0].message.content if answer.choices else None


def language_model(settings: Settings) -> LanguageModel | None:
    """The model the settings name; None when they name none."""
    if settings.writer_url is None:
        return None
    return OpenAICompatible(
        settings.writer_url,
        model=settings.writer_model,
        key=settings.writer_key,
        timeout_s=settings.writer_timeout,
        proposes=settings.writer_reads,
    )
