"""Which column of a list is what: headers matched to roles (design, section 3.2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from batch_sms.characters import key, tidy
from batch_sms.errors import ListError, SettingsError
from batch_sms.model import Columns, Role
from batch_sms.sheets.phone_looks import may_be_phone

HEADERS: Mapping[Role, tuple[str, ...]] = {
    Role.PHONE: (
        *("phone", "phone number", "phonenumbers", "mobile", "mobile number", "tel", "telephone", "msisdn", "number"),
        *("手机", "手机号", "手机号码", "电话", "电话号码", "号码"),
    ),
    Role.COUNTRY: (
        *("country", "country code", "countrycode", "region", "iso"),
        *("国家", "国家码", "国家代码", "国家编号", "国家/地区"),
    ),
    Role.SIGN: ("sign", "sign name", "signname", "signature", "签名", "短信签名"),
    Role.TEMPLATE: ("template", "template code", "templatecode", "模板", "模版", "模板编号", "模版CODE"),
    Role.TEMPLATE_PARAM: ("template param", "templateparam", "params", "模板参数", "模版变量"),
    Role.OUT_ID: ("out id", "outid", "流水号", "外部流水"),
}

_ROLE_OF = {key(name): role for role, names in HEADERS.items() for name in names}
_VAGUE = frozenset(map(key, ("number", "号码")))
"""Known headers of a phone column that as often stand above a customer's or an order's number."""
_SAYS_PHONE = re.compile(
    r"phone|mobil|whats ?app|msisdn|telef|(?<![a-z])(?:tel|cell?|cellular\w*|celular\w*|gsm|handy\w*|rufnummer)(?![a-z])"
    r"|contact ?n(?:o|r|um)|电话|電話|手机|手機|移动|移動|联系(?!人)|聯[系絡繫](?!人)|телефон|мобил|携帯|휴대|전화"
)
"""What a header has in it that is likely that of a phone column, though no known one."""
_SAYS_COUNTRY = re.compile(
    r"countr|(?<![a-z])(?:nation|pays|pais|paese|land|land(?:er|es)? ?code|negara|kraj|ulke|iso ?(?:2|3|code|alpha ?[23]))(?![a-z])"
    r"|国家|國家|国别|國別|国名|國名|国码|國碼|地区|地區|국가|стран|دولة"
)
"""The same for a country column."""
_SAYS_CODE = re.compile(
    r"code|dial|prefi[xj]|prefis|(?<![a-z])(?:isd|idd|cc|intl|ddi|vorwahl\w*|landesvorwahl\w*|indicatif\w*|lada)(?![a-z])"
    r"|区号|區號|冠码|冠碼|代码|代碼|код|国番号|번호"
)
"""The same for a column of dial codes, beside those that speak of countries."""
_SAYS_SHORT_WORDS = re.compile(
    r"name|lang|locale|sprache|idioma|state|province|currency|(?<![a-z])(?:nom|nombre|vorname|nachname|sex|gender|lang)(?![a-z])"
    r"|姓|名|语言|語言|州|省|имя|язык"
)
"""What stands above short words that are seldom codes of countries: names (Li, Mo), languages (de), states (CA)."""
RESULT_PREFIX = "sms_"
"""Columns of a result sheet begin so, and are passed over when it comes back as a list."""


def map_columns(headers: Sequence[str], chosen: Mapping[str, str], *, params: bool = True) -> Columns:
    """Match the headers of a list to roles; ``chosen`` (role → header) goes before the known names.

    The other columns are parameters, unless these come from elsewhere (``params`` is false): then a name may be there twice.
    Raises ListError where a role is missing, doubled or not to be told, SettingsError where a chosen header is not there.
    """
    names = tuple(tidy(header) for header in headers)
    roles = {Role(role): _find(names, header, role) for role, header in chosen.items()}
    for index, name in enumerate(names):
        role = _ROLE_OF.get(key(name))
        if role is None or role in chosen or index in roles.values():
            continue
        if role in roles:
            raise ListError("two_columns", role=role, first=names[roles[role]], second=name)
        roles[role] = index
    if Role.PHONE not in roles:
        row = next((name for name in names if may_be_phone(name)), None)
        if row is not None:
            raise ListError("no_header", cell=row, cells=_spoken(names))
        raise ListError("no_phone_column", headers=_spoken(names))
    return Columns(names, roles, _params(names, set(roles.values())) if params else ())


def names_phone(header: str, chosen: Mapping[str, str]) -> bool:
    """Whether a header is that of the phone column: the chosen one, else one that is known."""
    asked = chosen.get(Role.PHONE)
    return key(header) == key(asked) if asked is not None else _ROLE_OF.get(key(header)) is Role.PHONE


def vague_phone(columns: Columns, chosen: Mapping[str, str]) -> str | None:
    """The header of the phone column, where a name found it that may well mean another number, and no person chose it."""
    header = columns.header(Role.PHONE)
    return header if Role.PHONE not in chosen and key(header) in _VAGUE else None


def says_phone(header: str) -> bool:
    """Whether a header that is not known speaks of phones all the same."""
    return not header.lower().startswith(RESULT_PREFIX) and bool(_SAYS_PHONE.search(_bare(header)))


def says_country(header: str) -> bool:
    """The same of a header that speaks of countries."""
    return bool(_SAYS_COUNTRY.search(_bare(header)))


def says_code(header: str) -> bool:
    """The same of a header that speaks of dial codes, or of codes at all."""
    return bool(_SAYS_CODE.search(_bare(header)))


def says_short_words(header: str) -> bool:
    """Whether a header speaks of names, languages or the like, whose short words may look like codes of countries."""
    return bool(_SAYS_SHORT_WORDS.search(_bare(header)))


def free_columns(columns: Columns) -> dict[int, str]:
    """The headers of the columns without a role, by index; those of an earlier result are passed over."""
    return {
        index: header
        for index, header in enumerate(columns.headers)
        if header and index not in columns.roles.values() and not header.lower().startswith(RESULT_PREFIX)
    }


def _bare(header: str) -> str:
    """A header without case and accents, its words apart."""
    plain = unicodedata.normalize("NFD", tidy(header).casefold().replace("_", " ").replace("-", " "))
    return unicodedata.normalize("NFC", "".join(char for char in plain if not unicodedata.combining(char)))


def _find(names: Sequence[str], header: str, role: str) -> int:
    places = [i for i, name in enumerate(names) if name == tidy(header)]
    places = places or [i for i, name in enumerate(names) if key(name) == key(header)]
    if not places:
        raise SettingsError("column_not_there", role=role, header=header, headers=_spoken(names))
    if len(places) > 1:
        raise ListError("header_twice", header=header)
    return places[0]


def _params(names: Sequence[str], taken: set[int]) -> tuple[tuple[str, int], ...]:
    params: dict[str, int] = {}
    for index, name in enumerate(names):
        if index in taken or not name or name.lower().startswith(RESULT_PREFIX):
            continue
        if name in params:
            raise ListError("header_twice", header=name)
        params[name] = index
    return tuple(params.items())


def _spoken(names: Sequence[str]) -> str:
    return ", ".join(name for name in names if name) or "-"
