from __future__ import annotations

import re

import pytest

from batch_sms.gateway import codes
from batch_sms.model import Action, Retry

DOCUMENT_CODES = [
    "OK",
    "isp.RAM_PERMISSION_DENY",
    "isv.OUT_OF_SERVICE",
    "isv.PRODUCT_UN_SUBSCRIPT",
    "isv.PRODUCT_UNSUBSCRIBE",
    "isv.ACCOUNT_NOT_EXISTS",
    "isv.ACCOUNT_ABNORMAL",
    "isv.SMS_TEMPLATE_ILLEGAL",
    "isv.SMS_SIGNATURE_ILLEGAL",
    "isv.INVALID_PARAMETERS",
    "isp.SYSTEM_ERROR",
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.INVALID_JSON_PARAM",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL",
    "isv.AMOUNT_NOT_ENOUGH",
]

ACTIONS = {
    "OK": "ok",
    # an account that can't send: no other row would fare better
    "isp.RAM_PERMISSION_DENY": "stop",
    "isv.OUT_OF_SERVICE": "stop",
    "isv.PRODUCT_UN_SUBSCRIPT": "stop",
    "isv.PRODUCT_UNSUBSCRIBE": "stop",
    "isv.ACCOUNT_NOT_EXISTS": "stop",
    "isv.ACCOUNT_ABNORMAL": "stop",
    "isv.AMOUNT_NOT_ENOUGH": "stop",
    "isv.SECURITY_FROZEN_ACCOUNT": "stop",
    "isv.FORBIDDEN_ACTION": "stop",
    "isv.RAM_CHECK_FAILED": "stop",
    "OUT_OF_SERVICE": "stop",
    "ACCOUNT_NOT_EXISTS": "stop",
    "AMOUNT_NOT_ENOUGH": "stop",
    "RAM_PERMISSION_DENY": "stop",
    "PRODUCT_NOT_SUBSCRIBED": "stop",
    "ACCOUNT_ILLEGAL": "stop",
    "FORBIDDEN_ACTION": "stop",
    "InvalidVersion": "stop",
    "InvalidAction.NotFound": "stop",
    "InvalidApi.NotFound": "stop",
    "InvalidAccessKeyId.NotFound": "stop",
    "InvalidAccessKeyId.Inactive": "stop",
    "SignatureDoesNotMatch": "stop",
    "MissingSecurityToken": "stop",
    "InvalidSecurityToken.Expired": "stop",
    # this row only
    "isv.SMS_TEMPLATE_ILLEGAL": "row",
    "isv.SMS_SIGNATURE_ILLEGAL": "row",
    "isv.INVALID_PARAMETERS": "row",
    "isv.MOBILE_NUMBER_ILLEGAL": "row",
    "isv.MOBILE_COUNT_OVER_LIMIT": "row",
    "isv.TEMPLATE_MISSING_PARAMETERS": "row",
    "isv.BUSINESS_LIMIT_CONTROL": "row",
    "isv.INVALID_JSON_PARAM": "row",
    "isv.BLACK_KEY_CONTROL_LIMIT": "row",
    "isv.PARAM_LENGTH_LIMIT": "row",
    "isv.PARAM_NOT_SUPPORT_URL": "row",
    "isv.DAY_LIMIT_CONTROL": "row",
    "isv.MONTH_LIMIT_CONTROL": "row",
    "MissingSignName": "row",
    "MissingParameter": "row",
    "check.PHONE_INVALID": "row",
    "skip.ALREADY_SENT": "row",
    "run.STOPPED": "row",
    # may have been sent
    "isp.SYSTEM_ERROR": "in_doubt",
    "isp.GATEWAY_ERROR": "in_doubt",
    "isp.UNKNOWN": "in_doubt",
    "SYSTEM_ERROR": "in_doubt",
    "ONLINE_BILLING_FAILED": "in_doubt",
    "isv.BILLING_DEDUCTION_ERROR": "in_doubt",
    "SignatureNonceUsed": "in_doubt",
    "InternalError": "in_doubt",
    "ServiceUnavailable": "in_doubt",
    "net.READ_TIMEOUT": "in_doubt",
    "net.CONNECTION_LOST": "in_doubt",
    "net.HTTP_502": "in_doubt",
    "net.BAD_ANSWER": "in_doubt",
    "net.NO_BIZ_ID": "in_doubt",
    "run.CRASHED": "in_doubt",
}

# Never twice: these are all the codes whose row may be sent again without a person; a new one needs a proof here.
RETRIES = {
    "Throttling": "slow",
    "Throttling.User": "slow",
    "Throttling.Api": "slow",
    "Throttling.*": "slow",
    "QPS_LIMIT_CONTROL": "slow",
    "InvalidTimeStamp.*": "clock",
    "net.CONNECT_FAILED": "connect",
    "net.NOT_WRITTEN": "connect",
}

OWN_CODES = {
    "check": "PHONE_MISSING PHONE_INVALID PHONE_AMBIGUOUS PHONE_NOT_MOBILE PHONE_COUNTRY_MISMATCH PHONE_SEVERAL "
    "PHONE_CHARACTERS PHONE_ROUNDED COUNTRY_MISSING COUNTRY_UNKNOWN SIGN_MISSING TEMPLATE_MISSING PARAM_EMPTY TEXT_MISSING "
    "SENDER_ID MAINLAND "
    "PARAM_JSON PARAM_NESTED PARAM_CONTROL PARAM_TWICE PHONE_DATE PHONE_EXTENSION PHONE_LETTERS PHONE_SERVICE CELLS CELL_ERROR "
    "NOT_MENDED "
    "FORMULA MERGED NUMBER_LONG NUMBER_ROUNDED NUMBER_SHOWN NUMBER_FORMAT",
    "skip": "DUPLICATE OPTED_OUT ALREADY_SENT PER_RECIPIENT HOURS",
    "net": "CONNECT_FAILED NOT_WRITTEN READ_TIMEOUT CONNECTION_LOST HTTP_* BAD_ANSWER NO_BIZ_ID",
    "run": "STOPPED CRASHED WINDOW LATE LIMIT STRICT DRY_RUN CHECKED",
}

# The options of the commands: advice may name no other.
OPTIONS = {
    "--sign",
    "--template",
    "--param",
    "--country",
    "--rate",
    "--read-timeout",
    "--endpoint",
    "--api",
    "--limit",
    "--accept-possible",
    "--landlines",
    "--hidden",
    "--duplicates",
    "--opt-outs",
    "--strict",
    "--dry-run",
    "--run",
    "--again",
    "--retry-rejected",
    "--resend-in-doubt",
    "--not-before",
    "--not-after",
    "--max-age",
    "--hours",
    "--days",
    "--per-recipient",
}

every_code = pytest.mark.parametrize("entry", codes.all_codes(), ids=lambda entry: entry.code)


def found(code):
    entry = codes.find(code)
    assert entry is not None, code
    return entry


def test_the_api_document_has_twenty_codes_and_all_are_in_the_table():
    assert len(set(DOCUMENT_CODES)) == 20
    assert set(DOCUMENT_CODES) <= {entry.code for entry in codes.all_codes() if entry.layer == "business"}


@pytest.mark.parametrize(("code", "action"), ACTIONS.items())
def test_action(code, action):
    assert found(code).action == Action(action)
    assert found(code).retry is None


def test_only_what_certainly_was_not_sent_is_tried_again():
    retries = {entry.code: entry.retry for entry in codes.all_codes() if entry.action is Action.RETRY}
    assert retries == {code: Retry(retry) for code, retry in RETRIES.items()}


def test_only_ok_is_ok():
    assert [entry.code for entry in codes.all_codes() if entry.action is Action.OK] == ["OK"]


def test_our_own_codes_are_exactly_these():
    for layer, names in OWN_CODES.items():
        expected = {f"{layer}.{name}" for name in names.split()}
        assert {entry.code for entry in codes.all_codes() if entry.layer == layer} == expected
        assert {entry.code for entry in codes.all_codes() if entry.code.startswith(f"{layer}.")} == expected


@every_code
def test_entry_is_complete(entry):
    layers = {"business", "gateway", "international", *OWN_CODES}
    assert entry.layer in layers
    assert (entry.retry is not None) == (entry.action is Action.RETRY)
    for lang in ("en", "zh"):
        for text in (entry.meaning(lang), entry.advice(lang)):
            assert text.strip() == text != ""
            assert "  " not in text
            assert bool(re.search("[\u4e00-\u9fff]", text)) == (lang == "zh")
            assert text[-1] in ".\u3002"


@every_code
def test_advice_names_only_options_that_exist_and_the_same_in_both_languages(entry):
    named = [set(re.findall(r"(?<![\w-])--[a-z-]+", entry.advice(lang))) for lang in ("en", "zh")]
    assert named[0] == named[1] <= OPTIONS


@every_code
def test_advice_for_a_row_in_doubt_says_look_first(entry):
    assert ("--resend-in-doubt" in entry.advice()) == (entry.action is Action.IN_DOUBT)
    if entry.action is Action.IN_DOUBT:
        assert "send records" in entry.advice()


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("MissingSignName", "Missing*"),
        ("MissingPhoneNumbers", "Missing*"),
        ("InvalidTimeStamp.Expired", "InvalidTimeStamp.*"),
        ("InvalidTimeStamp.Format", "InvalidTimeStamp.*"),
        ("InvalidSecurityToken.Malformed", "InvalidSecurityToken.*"),
        ("Throttling.Anything", "Throttling.*"),
        ("SENDERID_BLACKLIST", "SENDERID_BL*"),
        ("SHORTURL_TIME_ILLEGAL", "SHORTURL_*"),
        ("net.HTTP_504", "net.HTTP_*"),
    ],
)
def test_a_pattern_answers_for_its_codes_and_keeps_the_asked_name(code, pattern):
    assert found(code).code == code
    assert found(code).meaning() == found(pattern).meaning()


def test_an_exact_key_goes_before_a_pattern():
    assert found("MissingParameter").meaning() != found("Missing*").meaning()
    assert found("Throttling.User").meaning() != found("Throttling.*").meaning()


def test_the_longest_pattern_goes_first():
    lengths = [len(prefix) for prefix, _ in codes._patterns()]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("code", ["", "isv.NEVER_SEEN", "ok", "isv.", "Throttled", "net.http_502", "isv.OK"])
def test_an_unknown_code_is_none_and_its_advice_is_honest(code):
    assert codes.find(code) is None
    assert "does not know" in codes.advice(code)
    assert codes.advice(code, "zh") == codes.UNKNOWN_ADVICE["zh"]


def test_advice_is_empty_for_ok_and_english_by_default():
    assert codes.advice("OK") == codes.advice("OK", "zh") == ""
    top_up = "isv.AMOUNT_NOT_ENOUGH"
    assert codes.advice(top_up) == found(top_up).advice("en") != codes.advice(top_up, "zh")
    assert found(top_up).meaning() == found(top_up).meaning("en") != found(top_up).meaning("zh")
