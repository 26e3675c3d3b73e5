"""What the answers to calls that can't send mean: tables of literal outcomes, and the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from batch_sms.clock import RealClock
from batch_sms.connecting import WayOut
from batch_sms.doctor.calls import NO_NUMBER, Probe, of_the_api, of_the_apis, of_the_clock, of_the_way, probe_all
from batch_sms.doctor.findings import Health
from batch_sms.errors import SettingsError
from batch_sms.gateway.answers import asked_by
from batch_sms.gateway.apis import APIS
from batch_sms.gateway.credentials import Credentials, Secret
from batch_sms.model import Action, Outcome
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Sandbox

KEY = Credentials(SANDBOX_KEY_ID, Secret(SANDBOX_KEY_SECRET), Secret(""), "test")
AT = datetime(2026, 1, 2, tzinfo=UTC)
HOME, ABROAD = "https://home.test", "https://abroad.test"


def probe(code, api="send-inter-sms", endpoint=HOME, message="m", offset=timedelta(0)):
    ours = code.startswith("net.")
    action, retry = (Action.IN_DOUBT, None) if ours else asked_by(code, 200)
    return Probe(api, endpoint, Outcome(action, code, AT, message, retry=retry), None if ours else offset)


def said(findings):
    return [(finding.topic, finding.health.value, finding.key) for finding in findings]


@pytest.mark.parametrize(
    ("code", "health", "key"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", "ok", "api_there"),
        ("MOBILE_NUMBER_ILLEGAL", "ok", "api_there"),
        ("isv.SMS_TEMPLATE_ILLEGAL", "ok", "api_refuses"),
        ("isv.SMS_SIGNATURE_ILLEGAL", "ok", "api_refuses"),
        ("INVALID_SENDERID", "ok", "api_refuses"),
        ("isv.SOMETHING_NEW", "ok", "api_refuses"),
        ("Throttling.User", "ok", "api_throttles"),
        ("QPS_LIMIT_CONTROL", "ok", "api_throttles"),
        ("InvalidAction.NotFound", "warning", "api_not_offered"),
        ("InvalidApi.NotFound", "warning", "api_not_offered"),
        ("InvalidVersion", "warning", "api_not_offered"),
        ("isp.RAM_PERMISSION_DENY", "fault", "api_refuses_the_account"),
        ("isv.AMOUNT_NOT_ENOUGH", "fault", "api_refuses_the_account"),
        ("PRODUCT_NOT_SUBSCRIBED", "fault", "api_refuses_the_account"),
        ("InvalidTimeStamp.Expired", "fault", "api_refuses_the_account"),
        ("isp.SYSTEM_ERROR", "warning", "api_unclear"),
        ("ServiceUnavailable", "warning", "api_unclear"),
        ("OK", "warning", "api_took_it"),
        ("net.CONNECT_FAILED", "warning", "api_unreached"),
        ("net.HTTP_502", "warning", "api_unreached"),
    ],
)
def test_what_an_answer_means(code, health, key):
    finding = of_the_api(probe(code))
    assert (finding.health.value, finding.key) == (health, key)
    assert code in finding.say("en") or key == "api_took_it"


THERE, GONE, POOR = "isv.MOBILE_NUMBER_ILLEGAL", "InvalidAction.NotFound", "isv.AMOUNT_NOT_ENOUGH"


@pytest.mark.parametrize(
    ("codes", "findings"),
    [
        ((THERE, THERE, THERE), ["ok", "ok", "ok"]),
        ((THERE, GONE, POOR), ["ok", "warning", "warning"]),
        ((GONE, THERE, THERE), ["warning", "ok", "ok", "use_another send-sms"]),
        ((GONE, GONE, THERE), ["warning", "warning", "ok", "use_another send-message-to-globe"]),
        ((POOR, THERE, GONE), ["warning", "ok", "warning", "use_another send-sms"]),
        ((POOR, POOR, GONE), ["fault", "fault", "warning"]),
        ((GONE, GONE, GONE), ["warning", "warning", "warning", "no_api"]),
        (("net.READ_TIMEOUT",) * 3, ["warning"] * 3),
        ((THERE, "SignatureDoesNotMatch", THERE), ["key_refused"]),
        (("InvalidAccessKeyId.NotFound",) * 3, ["key_refused"]),
    ],
)
def test_which_one_to_use(codes, findings):
    def spoken(finding):
        if finding.key.startswith("api_"):
            return finding.health.value
        return f"{finding.key} {finding.facts['api']}" if finding.key == "use_another" else finding.key

    probes = [probe(code, api) for code, api in zip(codes, APIS, strict=True)]
    assert [spoken(finding) for finding in of_the_apis(probes)] == findings


@pytest.mark.parametrize(
    ("code", "message", "key"),
    [
        ("net.CONNECT_FAILED", "[Errno 111] Connection refused", "endpoint_unreached"),
        ("net.NOT_WRITTEN", "broken pipe", "endpoint_unreached"),
        ("net.CONNECTION_LOST", "reset", "endpoint_unreached"),
        ("net.READ_TIMEOUT", "timed out", "endpoint_silent"),
        ("net.HTTP_403", "", "endpoint_other"),
        ("net.BAD_ANSWER", "", "endpoint_other"),
        ("net.CONNECT_FAILED", "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "endpoint_untrusted"),
    ],
)
def test_a_gateway_that_is_not_reached(code, message, key):
    alone = probe(code, message=message)
    assert said(of_the_way([alone])) == [("endpoint", "fault", key)]
    health = "fault" if key == "endpoint_untrusted" else "warning"
    both = said(of_the_way([alone, probe(THERE, "send-message-to-globe", ABROAD)]))
    assert both == [
        ("endpoint", health, key),
        ("endpoint", "ok", "endpoint_answers"),
        ("clock", "ok", "clock_right"),
    ]


def test_a_gateway_is_told_of_once():
    probes = [probe("net.READ_TIMEOUT"), probe(THERE, "send-sms")]
    assert said(of_the_way(probes)) == [("endpoint", "ok", "endpoint_answers"), ("clock", "ok", "clock_right")]


def test_a_proxy_is_named_without_its_password(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.test:3128")
    first = next(of_the_way([probe(THERE)]))
    assert first.key == "proxy"
    assert first.say("en") == "Calls to https://home.test go through the proxy proxy.test."


@pytest.mark.parametrize(
    ("seconds", "health", "key"),
    [
        (0, "ok", "clock_right"),
        (-29, "ok", "clock_right"),
        (31, "warning", "clock_behind"),
        (-3600, "warning", "clock_ahead"),
    ],
)
def test_the_clock(seconds, health, key):
    finding = of_the_clock(timedelta(seconds=seconds))
    assert (finding.health.value, finding.key) == (health, key)


def test_no_time_in_the_answers():
    assert ("clock", "warning", "clock_unknown") in said(of_the_way([probe(THERE, offset=None)]))


def test_the_calls_themselves_send_nothing():
    with Sandbox() as sandbox:
        probes = probe_all(WayOut(endpoint=sandbox.url), KEY, RealClock())
        assert [(found.api, found.outcome.code) for found in probes] == [
            ("send-inter-sms", "isv.MOBILE_NUMBER_ILLEGAL"),
            ("send-sms", "isv.MOBILE_NUMBER_ILLEGAL"),
            ("send-message-to-globe", "MOBILE_NUMBER_ILLEGAL"),
        ]
        assert sandbox.accepted == []
    assert NO_NUMBER.phone == "+0"


@pytest.mark.parametrize("hours", [9, -9])
def test_a_clock_that_is_off_is_measured_and_the_calls_come_through(hours):
    with Sandbox(clock=lambda: datetime.now(UTC) + timedelta(hours=hours)) as sandbox:
        probes = probe_all(WayOut(endpoint=sandbox.url), KEY, RealClock())
    assert {of_the_api(found).health for found in probes} == {Health.OK}
    assert {round(found.offset / timedelta(hours=1)) for found in probes} == {hours}


def test_each_api_is_called_where_it_is_at_home(monkeypatch):
    called = []
    monkeypatch.setattr("batch_sms.doctor.calls.gateway_at", lambda *_: pytest.fail("nobody is called"))
    monkeypatch.setattr("batch_sms.doctor.calls.check_environment", called.append)
    with pytest.raises(pytest.fail.Exception):
        probe_all(WayOut(), KEY, RealClock())
    assert called == ["https://dysmsapi.aliyuncs.com"]
    wires = {name: WayOut().to(api) for name, api in APIS.items()}
    assert {name: (wire.region, wire.endpoint) for name, wire in wires.items()} == {
        "send-inter-sms": ("cn-hangzhou", "https://dysmsapi.aliyuncs.com"),
        "send-sms": ("cn-hangzhou", "https://dysmsapi.aliyuncs.com"),
        "send-message-to-globe": ("ap-southeast-1", "https://dysmsapi.ap-southeast-1.aliyuncs.com"),
    }


def test_an_environment_that_can_not_be_used_is_a_finding(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.test:1080")
    found = probe_all(WayOut(endpoint="https://gateway.test"), KEY, RealClock())
    assert isinstance(found, SettingsError)
    assert found.key == "proxy_socks"
