"""The others: what sends as many requests from as many threads, without a ledger. A process of its own for each.

``python peers.py NAME URL COUNT THREADS`` prints the seconds that the requests took once every thread had its connection.
The authority to trust stands in ``REQUESTS_CA_BUNDLE``, as for the program itself.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from urllib.parse import urlsplit

_PATIENCE = 60.0
KEY_ID, KEY_SECRET = "bench-key", "bench-secret"
Call = Callable[[int], None]


def message(number: int) -> dict[str, str]:
    """The parameters of one message."""
    return {
        "PhoneNumbers": f"7400{number:06}",
        "CountryCode": "GB",
        "SignName": "ACME",
        "TemplateCode": "SMS_0000002",
        "TemplateParam": json.dumps({"intlmsg": f"Hi Chan, your code is {number:06}, valid for 10 minutes"}),
        "OutId": f"bench-{number}",
    }


def core_sdk(url: str, threads: int) -> Callable[[], Call]:
    """aliyun-python-sdk-core: one client, which threads share, with a connection for each."""
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkcore.request import CommonRequest

    host, authority = urlsplit(url).netloc, os.environ["REQUESTS_CA_BUNDLE"]
    client = AcsClient(KEY_ID, KEY_SECRET, "cn-hangzhou", auto_retry=False, pool_size=threads, verify=authority)

    def call(number: int) -> None:
        request = CommonRequest(host, "2017-05-25", "SendInterSms")
        request.set_protocol_type("https")
        request.set_method("POST")
        request.set_accept_format("json")
        for name, value in message(number).items():
            request.add_body_params(name, value)
        check(json.loads(client.do_action_with_exception(request)))

    return lambda: call


def dysms_sdk(url: str, threads: int) -> Callable[[], Call]:
    """alibabacloud-dysmsapi20170525: one client, which threads share. It has no method of its own for SendInterSms."""
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_tea_openapi.models import Config, OpenApiRequest, Params
    from darabonba.runtime import RuntimeOptions

    client = Client(Config(KEY_ID, KEY_SECRET, endpoint=urlsplit(url).netloc, protocol="HTTPS"))
    runtime = RuntimeOptions(max_idle_conns=threads, ca=os.environ["REQUESTS_CA_BUNDLE"])
    what = Params(
        action="SendInterSms",
        version="2017-05-25",
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )

    def call(number: int) -> None:
        check(client.call_api(what, OpenApiRequest(body=message(number)), runtime)["body"])

    return lambda: call


def requests_session(url: str, threads: int) -> Callable[[], Call]:
    """A bare ``requests.Session`` in each thread: nothing is signed, nothing is written down."""
    import requests

    def start() -> Call:
        session = requests.Session()
        return lambda number: check(session.post(url, data=message(number), timeout=10).json())

    return start


def urllib3_pool(url: str, threads: int) -> Callable[[], Call]:
    """A bare urllib3 pool."""
    from urllib.parse import urlencode

    import urllib3

    pool = urllib3.connection_from_url(url, maxsize=threads, ca_certs=os.environ["REQUESTS_CA_BUNDLE"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    def call(number: int) -> None:
        answer = pool.urlopen("POST", "/", body=urlencode(message(number)), headers=headers, retries=False)
        check(json.loads(answer.data))

    return lambda: call


def bare_socket(url: str, threads: int) -> Callable[[], Call]:
    """One request, written beforehand, over a TLS socket in each thread: what Python could get at most."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    body = b"x" * 300
    request = b"POST / HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def start() -> Call:
        plain = socket.create_connection((parts.hostname or "", parts.port or 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = context.wrap_socket(plain, server_hostname=parts.hostname)

        def call(_: int) -> None:
            connection.sendall(request)
            if not connection.recv(65536).endswith(b"}"):
                raise AssertionError("the answer came in pieces")

        return call

    return start


def check(answer: dict[str, str]) -> None:
    """Every peer reads its answers."""
    if answer["Code"] != "OK":
        raise AssertionError(answer)


PEERS = {
    "bare socket": bare_socket,
    "urllib3": urllib3_pool,
    "requests.Session": requests_session,
    "aliyun-python-sdk-core": core_sdk,
    "alibabacloud-dysmsapi20170525": dysms_sdk,
}


def seconds_of(start: Callable[[], Call], requests: int, threads: int) -> float:
    """Have so many threads make so many requests; the seconds that all took.

    Before that each has made one, so that connections and what a library loads late do not count against it.
    """
    numbers, ready = count(), threading.Barrier(threads + 1, timeout=_PATIENCE)
    start()(0)

    def work() -> None:
        call = start()
        call(0)
        ready.wait()
        while (number := next(numbers)) < requests:
            call(number)

    with ThreadPoolExecutor(threads) as pool:
        working = [pool.submit(work) for _ in range(threads)]
        ready.wait()
        began = time.perf_counter()
        for done in working:
            done.result()
        return time.perf_counter() - began


if __name__ == "__main__":
    threading.stack_size(512 * 1024)
    _, peer, address, wanted, many = sys.argv
    sys.stdout.write(f"{seconds_of(PEERS[peer](address, int(many)), int(wanted), int(many))}\n")
