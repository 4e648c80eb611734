"""Sessions that continue one another are one conversation: its id is the first session's. Pure; chains are short and may be broken or circular."""

from collections.abc import Mapping


def root_of(session_id: str, previous: Mapping[str, str]) -> str:
    """Return the first session of the chain that `previous` (session to the one it continues) leads back along.

    A session that continues one nobody has seen belongs to that one's conversation. A circle, which only damaged data makes, has its
    smallest id as its root, so every session of it agrees.
    """
    seen = [session_id]
    while earlier := previous.get(seen[-1]):
        if earlier in seen:
            return min(seen[seen.index(earlier) :])
        seen.append(earlier)
    return seen[-1]


def conversations(previous: Mapping[str, str]) -> dict[str, str]:
    """Return the conversation of every session that is a key of `previous` (an empty value: it continues none)."""
    return {session_id: root_of(session_id, previous) for session_id in previous}
