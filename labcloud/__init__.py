"""labcloud: the AWS on this computer, with real engines behind the real APIs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labcloud.client import ConnectError, advance_clock, bill, connect

__all__ = ["ConnectError", "advance_clock", "bill", "connect"]


def __getattr__(name: str) -> Any:
    """Load what notebooks use, hence boto3, only when it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'labcloud' has no attribute '{name}'")
    from labcloud import client

    return getattr(client, name)
