"""Who knows whom: surfaces get the settings in force and what is live from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.live import LiveAssistant
    from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a surface needs: the settings in force, and the assistant that is live."""

    settings: Settings
    live: LiveAssistant
