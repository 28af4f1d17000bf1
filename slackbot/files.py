"""Long tables as a file, posted exactly once."""

from __future__ import annotations

import aiohttp

from slackbot.courier import ATTEMPTS, Courier, Spot, Undelivered
from slackbot.failures import TROUBLE, Failure, ReplyRefused

_RETRIED = (Failure.BUSY, Failure.UNKNOWN)


async def upload(
    courier: Courier, channel: str, thread: str | None, name: str, content: str
) -> None:
    """Put a file into a channel.

    Args:
        courier: makes the calls.
        channel: its Slack id.
        thread: the thread it belongs to, if any.
        name: of the file.
        content: as text.

    Raises:
        Undelivered: Slack did not take it.
    """
    data = content.encode()
    place = await courier.call(
        "files.getUploadURLExternal", {"filename": name, "length": len(data)}
    )
    await _send(courier, str(place["upload_url"]), data)
    file = str(place["file_id"])
    given = {"files": [{"id": file, "title": name}], "channel_id": channel}
    if thread:
        given["thread_ts"] = thread
    error: BaseException = RuntimeError("nothing was sent")
    for attempt in range(ATTEMPTS):
        try:
            await courier.call_once("files.completeUploadExternal", given)
            return
        except TROUBLE as failed:
            error = failed
        failure = courier.note("files.completeUploadExternal", error)
        if failure not in _RETRIED:
            break
        await courier.wait(error, attempt)
        if failure is Failure.UNKNOWN and await _arrived(courier, channel, thread, file):
            return
    raise Undelivered(error, later=False) from error


async def _send(courier: Courier, url: str, data: bytes) -> None:
    """The bytes; sending them twice is sending them once."""
    timeout = aiohttp.ClientTimeout(total=courier.client.timeout)
    error: BaseException = RuntimeError("nothing was sent")
    for attempt in range(ATTEMPTS):
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.post(url, data=data) as got,
            ):
                if got.status == 200:
                    return
                error = ReplyRefused(got.status, "", got.headers)
        except TROUBLE as failed:
            error = failed
        if courier.note("file upload", error) not in _RETRIED:
            break
        await courier.wait(error, attempt)
    raise Undelivered(error, later=False) from error


async def _arrived(courier: Courier, channel: str, thread: str | None, file: str) -> bool:
    said = await courier.said(Spot(channel, "", thread=thread))
    return any(held.get("id") == file for m in said for held in m.get("files") or ())
