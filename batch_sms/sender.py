"""A sender process: what ``--processes`` starts. It hears on standard input whose key to use, where to call, and what to carry.

The key comes down the pipe and stands neither on a command line nor in a file. It ends with that pipe, at once.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from batch_sms import signals
from batch_sms.clock import RealClock
from batch_sms.errors import SendersError
from batch_sms.gateway.apis import APIS, SendApi
from batch_sms.gateway.credentials import Credentials, Secret
from batch_sms.machine import kept_to, make_room_for, short_turns
from batch_sms.sending.door import Door
from batch_sms.sending.member import Member

if TYPE_CHECKING:
    from batch_sms.gateway.aliyun import Wire

_COMMAND = ("-P", "-c", "from batch_sms.sender import main; main()")


def start(
    wire: Wire, credentials: Credentials, api: SendApi, most: int, *, paced: bool, core: int | None = None
) -> subprocess.Popen[bytes]:
    """Start one that may have so many threads, all on this ``core``; ``paced`` says that there is a rate to keep.

    Raises SendersError.
    """
    opening = {
        "wire": {**asdict(wire), "connections": most},
        "key": (credentials.key_id, credentials.secret.reveal(), credentials.token.reveal(), credentials.source),
        "api": (api.name, dict(api.fixed)),
        "most": most,
        "paced": paced,
        "core": core,
    }
    path = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
    try:
        with signals.withheld():
            process = subprocess.Popen(  # noqa: S603 (this very interpreter, and words of our own)
                (sys.executable, *_COMMAND),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
                creationflags=getattr(
                    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
                ),  # Windows: there Ctrl-C goes to groups
            )
    except OSError as error:
        raise SendersError("senders_not_started", reason=error.strerror or error) from error
    assert process.stdin is not None
    process.stdin.write(json.dumps(opening).encode("ascii") + b"\n")
    return process


def main() -> None:
    """Be one. Does not return: whatever threads are at, it ends with its pipe."""
    signals.ignore()
    inbox, outbox = sys.stdin.buffer, _outbox()
    opening = json.loads(inbox.readline())
    from batch_sms.gateway.aliyun import AliyunGateway, Wire  # noqa: PLC0415 (the signals come first)

    (key_id, secret, token, source), (name, fixed), clock = opening["key"], opening["api"], RealClock()
    credentials = Credentials(key_id, Secret(secret), Secret(token), source)
    gateway = AliyunGateway(Wire(**opening["wire"]), credentials, clock, replace(APIS[name], fixed=fixed))
    door = Door(math.inf, clock)
    gateway.wait_turn = door.wait
    make_room_for(opening["most"])
    with kept_to(opening["core"]), short_turns(wanted=opening["paced"]):
        Member(gateway, door, opening["most"], clock, (inbox, outbox)).serve()
    os._exit(0)


def _outbox() -> BinaryIO:
    """Standard output, kept from whatever a library may print."""
    outbox = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return outbox
