"""The official SDKs talk to the sandbox as they talk to the gateway: it verifies what independent signers sign."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from alibabacloud_dysmsapi20170525 import models as dysmsapi
from alibabacloud_dysmsapi20170525.client import Client as DysmsapiClient
from alibabacloud_dysmsapi20180501 import models as globe
from alibabacloud_dysmsapi20180501.client import Client as GlobeClient
from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config, OpenApiRequest, Params
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest
from darabonba.runtime import RuntimeOptions

from batch_sms.sandbox import (
    SANDBOX_KEY_ID,
    SANDBOX_KEY_SECRET,
    SANDBOX_STS_KEY_ID,
    SANDBOX_STS_KEY_SECRET,
    SANDBOX_STS_TOKEN,
)

BIZ_ID = re.compile(r"\d{18}\^0")
MESSAGE = {
    "PhoneNumbers": "61234567",
    "CountryCode": "HK",
    "SignName": "云通信 *~'()!+%&=",
    "TemplateCode": "SMS_0000",
    "TemplateParam": json.dumps({"intlmsg": '你好 🎉 *~\'()!+%&= "q"\n/?#'}, ensure_ascii=False),
    "OutId": "row-1 é",
}
AK = AccessKeyCredential(SANDBOX_KEY_ID, SANDBOX_KEY_SECRET)
STS = StsTokenCredential(SANDBOX_STS_KEY_ID, SANDBOX_STS_KEY_SECRET, SANDBOX_STS_TOKEN)


def call_core(sandbox, credential, method, message):
    client = AcsClient(region_id="cn-hangzhou", credential=credential)
    request = CommonRequest()
    request.set_accept_format("json")
    request.set_domain(f"127.0.0.1:{sandbox.port}")
    request.set_protocol_type("http")
    request.set_method(method)
    request.set_version("2017-05-25")
    request.set_action_name("SendInterSms")
    for name, value in message.items():
        request.add_query_param(name, value)
    return json.loads(client.do_action_with_exception(request))


def tea_client(sandbox, **settings):
    keys = {"access_key_id": SANDBOX_KEY_ID, "access_key_secret": SANDBOX_KEY_SECRET, **settings}
    return Client(Config(endpoint=f"127.0.0.1:{sandbox.port}", protocol="HTTP", **keys))


def call_tea(client, message, *, where="body"):
    params = Params(
        action="SendInterSms",
        version="2017-05-25",
        protocol="HTTP",
        method="POST",
        auth_type="AK",
        style="RPC",
        pathname="/",
        req_body_type="formData",
        body_type="json",
    )
    request = OpenApiRequest(**{where: message})
    return client.call_api(params, request, RuntimeOptions(read_timeout=5000, connect_timeout=5000))


def assert_accepted_once(sandbox, answer, version):
    assert answer["Code"] == answer["Message"] == "OK"
    assert BIZ_ID.fullmatch(answer["BizId"])
    assert len(sandbox.accepted) == 1
    (accepted,) = sandbox.accepted
    assert {name: accepted[name] for name in MESSAGE} == MESSAGE
    assert accepted["BizId"] == answer["BizId"]
    assert accepted["RequestId"] == answer["RequestId"]
    assert accepted["SignatureVersion"] == version
    assert sandbox.requests == {"OK": 1}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("credential", [AK, STS], ids=["ak", "sts"])
def test_core_sdk_is_accepted(sandbox, method, credential):
    assert_accepted_once(sandbox, call_core(sandbox, credential, method, MESSAGE), "V1")


def test_core_sdk_returns_a_business_error_as_an_answer(sandbox):
    answer = call_core(sandbox, AK, "POST", {**MESSAGE, "CountryCode": "US", "PhoneNumbers": "2025550119"})
    assert (answer["Code"], answer["Message"]) == ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足")
    assert "BizId" not in answer
    assert sandbox.accepted == []


def test_core_sdk_raises_a_gateway_error(sandbox):
    with pytest.raises(ServerException) as raised:
        call_core(sandbox, AK, "POST", {**MESSAGE, "SignName": ""})
    assert raised.value.get_error_code() == "MissingSignName"
    assert raised.value.get_http_status() == 400
    assert raised.value.get_request_id()


def test_core_sdk_finds_its_own_string_to_sign_in_the_message_and_concludes_that_the_secret_is_wrong(sandbox):
    client = AcsClient(region_id="cn-hangzhou", credential=AccessKeyCredential(SANDBOX_KEY_ID, "other"))
    request = RpcRequest("Dysmsapi", "2017-05-25", "SendInterSms")
    request.set_endpoint(f"127.0.0.1:{sandbox.port}")
    for name, value in MESSAGE.items():
        request.add_query_param(name, value)
    with pytest.raises(ServerException) as raised:
        client.do_action_with_exception(request)
    assert raised.value.get_error_code() == "InvalidAccessKeySecret"
    assert sandbox.requests == {"SignatureDoesNotMatch": 1}


@pytest.mark.parametrize("where", ["body", "query"])
@pytest.mark.parametrize(("algorithm", "version"), [(None, "V3"), ("v2", "V1")])
def test_tea_sdk_is_accepted(sandbox, algorithm, version, where):
    client = tea_client(sandbox, signature_algorithm=algorithm)
    assert_accepted_once(sandbox, call_tea(client, MESSAGE, where=where)["body"], version)


@pytest.mark.parametrize("algorithm", [None, "v2"])
def test_tea_sdk_with_a_security_token_is_accepted(sandbox, algorithm):
    client = tea_client(
        sandbox,
        access_key_id=SANDBOX_STS_KEY_ID,
        access_key_secret=SANDBOX_STS_KEY_SECRET,
        security_token=SANDBOX_STS_TOKEN,
        signature_algorithm=algorithm,
    )
    assert call_tea(client, MESSAGE)["body"]["Code"] == "OK"


def test_tea_sdk_returns_a_business_error_as_an_answer(sandbox):
    answer = call_tea(tea_client(sandbox), {**MESSAGE, "CountryCode": "HKG"})
    assert answer["statusCode"] == 200
    assert answer["body"]["Code"] == "isv.INVALID_PARAMETERS"


@pytest.mark.parametrize("algorithm", [None, "v2"])
def test_tea_sdk_with_a_wrong_secret_is_refused(sandbox, algorithm):
    client = tea_client(sandbox, access_key_secret="other", signature_algorithm=algorithm)
    with pytest.raises(ClientException) as raised:
        call_tea(client, MESSAGE)
    assert raised.value.code == "SignatureDoesNotMatch"
    assert raised.value.status_code == 400
    assert sandbox.accepted == []


# The clients of the products themselves, each against the call that it has.


def config(sandbox):
    return Config(
        endpoint=f"127.0.0.1:{sandbox.port}",
        protocol="HTTP",
        access_key_id=SANDBOX_KEY_ID,
        access_key_secret=SANDBOX_KEY_SECRET,
    )


def test_the_client_of_2017_sends_and_asks_what_became_of_it(sandbox):
    client = DysmsapiClient(config(sandbox))
    message = dysmsapi.SendSmsRequest(
        phone_numbers="85261234567",
        sign_name="云通信",
        template_code="SMS_0000",
        template_param=MESSAGE["TemplateParam"],
        out_id="row-1",
    )
    sent = client.send_sms(message).body
    assert (sent.code, sent.message) == ("OK", "OK")
    (accepted,) = sandbox.accepted
    assert (accepted["BizId"], accepted["RequestId"]) == (sent.biz_id, sent.request_id)
    assert (accepted["PhoneNumbers"], accepted["TemplateParam"]) == ("85261234567", MESSAGE["TemplateParam"])
    day = datetime.fromisoformat(accepted["At"]).astimezone(timezone(timedelta(hours=8)))
    asked = dysmsapi.QuerySendDetailsRequest(
        phone_number="85261234567", send_date=f"{day:%Y%m%d}", page_size=10, current_page=1, biz_id=sent.biz_id
    )
    found = client.query_send_details(asked).body
    assert (found.code, found.total_count) == ("OK", "1")
    (detail,) = found.sms_send_detail_dtos.sms_send_detail_dto
    assert (detail.phone_num, detail.out_id, detail.send_status) == ("85261234567", "row-1", 3)
    assert (detail.err_code, detail.template_code) == ("DELIVERED", "SMS_0000")


def test_the_client_of_2018_sends_and_asks_what_became_of_it(sandbox):
    client = GlobeClient(config(sandbox))
    message = globe.SendMessageToGlobeRequest(
        to="85261234567", from_="ACME", message=MESSAGE["SignName"], type="NOTIFY", task_id="row-1"
    )
    sent = client.send_message_to_globe(message).body
    assert (sent.response_code, sent.to, sent.from_, sent.segments) == ("OK", "85261234567", "ACME", "1")
    (accepted,) = sandbox.accepted
    assert (accepted["MessageId"], accepted["Message"]) == (sent.message_id, MESSAGE["SignName"])
    found = client.query_message(globe.QueryMessageRequest(message_id=sent.message_id)).body
    assert (found.response_code, found.status, found.error_code) == ("OK", "1", "DELIVERED")
    assert (found.to, found.message) == ("85261234567", MESSAGE["SignName"])


def test_the_client_of_2018_returns_a_business_error_as_an_answer(sandbox):
    message = globe.SendMessageToGlobeRequest(to="8613912345678", from_="ACME", message="Hi")
    answer = GlobeClient(config(sandbox)).send_message_to_globe(message).body
    assert (answer.response_code, answer.message_id) == ("NOT_SUPPORTED_COUNTRY", None)
    assert sandbox.accepted == []
