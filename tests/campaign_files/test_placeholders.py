from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from batch_sms.campaign_files.placeholders import with_environment, with_names
from batch_sms.errors import SettingsError

NOW = datetime(2026, 12, 1, 9, 5, 7, tzinfo=timezone(timedelta(hours=8)))
ENVIRONMENT = {"SIGN": "ACME {date} ${X}", "EMPTY": "", "HOOK_TOKEN": "t", "ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("spring", "spring"),
        ("{date}", "2026-12-01"),
        ("spring-{date}.csv", "spring-2026-12-01.csv"),
        ("{time}", "090507"),
        ("{date:%Y%m%d}", "20261201"),
        ("{time:%H-%M}", "09-05"),
        ("{%Y-%m}", "2026-12"),
        ("{%G-W%V}/{%j}", "2026-W49/335"),
        ("{date:100%%}", "100%"),
        ("{list}", "customers"),
        ("{{date}}", "{date}"),
        ("{{{date}}}", "{2026-12-01}"),
        ("100%", "100%"),
        ("%Y", "%Y"),
        ("a$b", "a$b"),
        ("${EMPTY}", ""),
        ("${SIGN}-{date}", "ACME {date} ${X}-2026-12-01"),
        ("$${SIGN}", "${SIGN}"),
    ],
)
def test_names_are_filled_in_once(text, filled):
    assert with_names(text, {"list": "customers"}, NOW, ENVIRONMENT, "f:1") == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("ACME", "ACME"),
        ("{date} and }", "{date} and }"),
        ("${SIGN}", "ACME {date} ${X}"),
        ("$${SIGN}", "${SIGN}"),
        ("$5 ${EMPTY}$", "$5 $"),
    ],
)
def test_the_environment_is_filled_in(text, filled):
    assert with_environment(text, ENVIRONMENT, "f:1") == filled


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{day}", "campaign_placeholder"),
        ("{Date}", "campaign_placeholder"),
        ("{}", "campaign_placeholder"),
        ("{date:}", "campaign_placeholder"),
        ("{list:%Y}", "campaign_placeholder"),
        ("{date:%Q}", "campaign_strftime"),
        ("{date:%Y%}", "campaign_strftime"),
        ("{%-d}", "campaign_strftime"),
        ("{date", "campaign_brace"),
        ("date}", "campaign_brace"),
        ("${NOWHERE}", "campaign_variable"),
        ("${}", "campaign_variable"),
        ("${HOOK_TOKEN}", "campaign_variable_secret"),
        ("${ALIBABA_CLOUD_ACCESS_KEY_ID}", "campaign_variable_secret"),
        ("${ALIBABA_CLOUD_REGION}", "campaign_variable_secret"),
    ],
)
def test_what_can_not_be_filled_in_is_refused(text, key):
    with pytest.raises(SettingsError) as error:
        with_names(text, {"list": "customers"}, NOW, ENVIRONMENT, "spring.toml:7")
    assert error.value.key == key
    assert "spring.toml:7" in str(error.value)
    assert str(error.value)


def test_a_secret_of_ones_own_may_stand_where_it_is_never_shown_but_no_access_key():
    assert with_environment("${HOOK_TOKEN}", ENVIRONMENT, "f:1", secret=True) == "t"
    with pytest.raises(SettingsError):
        with_environment("${ALIBABA_CLOUD_ACCESS_KEY_ID}", ENVIRONMENT, "f:1", secret=True)
