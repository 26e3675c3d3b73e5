"""What a list costs before it is sent: a price for each country's segment, from a table that the person keeps."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from batch_sms.characters import ascii_digits, key, tidy
from batch_sms.checking.countries import regions_of
from batch_sms.errors import ListError
from batch_sms.model import Row

_HEADERS = {
    "country": (
        *("country", "country code", "region", "iso", "destination"),
        *("国家", "国家码", "国家代码", "国家/地区", "国家或地区", "目的地"),
    ),
    "price": ("price", "price per segment", "unit price", "cost", "单价", "价格", "每段价格", "每条价格"),
    "currency": ("currency", "currency code", "币种", "货币"),
}
_AMOUNTS = {
    ".": re.compile(r"(?=.?\d)(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.\d+)?", re.ASCII),
    ",": re.compile(r"(?=.?\d)(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)?(?:,\d+)?", re.ASCII),
}
"""An amount by its decimal sign; the other sign stands between thousands."""
_CURRENCIES = {"RMB": "CNY", "人民币": "CNY", "人民幣": "CNY", "元": "CNY", "港币": "HKD", "€": "EUR"}
_FEWEST_DECIMALS = 2
_THOUSAND_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Price:
    """What one segment costs, or what many do: an amount in a currency (three letters)."""

    amount: Decimal
    currency: str

    def times(self, segments: int) -> Price:
        """The price of so many segments."""
        return Price(self.amount * segments, self.currency)

    def __str__(self) -> str:
        whole, _, decimals = f"{self.amount:,f}".partition(".")
        return f"{whole}.{decimals.rstrip('0').ljust(_FEWEST_DECIMALS, '0')} {self.currency}"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a table: the country as written and what it means, the amount by the decimal signs it can be read with."""

    row: int
    country: str
    regions: tuple[str, ...]
    amount: str
    readings: Mapping[str, Decimal]
    currency: str

    def price(self, signs: frozenset[str], path: Path) -> Price:
        """The price, by the decimal signs that the table uses. Raises ListError."""
        amounts = set(self.readings.values())
        if len(amounts) > 1 and len(signs) == 1:
            amounts = {self.readings[sign] for sign in signs}
        if len(amounts) > 1:
            one, other = (_surely_written(self.readings[sign]) for sign in _AMOUNTS)
            raise ListError("price_unsure", path=path, row=self.row, cell=self.amount, first=one, second=other)
        return Price(amounts.pop(), self.currency)


def read_prices(headers: tuple[str, ...], rows: Iterable[Row], path: Path) -> dict[str, Price]:
    """The prices of a table by alpha-2 code. A line for a country goes before one for a dial code that it shares.

    Raises ListError for a line that can't be read: a cost that is too low is worse than none.
    """
    lines = list(_lines(headers, rows, path))
    signs = frozenset(sign for line in lines if len(line.readings) == 1 for sign in line.readings)
    exact: dict[str, Price] = {}
    shared: dict[str, Price] = {}
    for line in lines:
        price = line.price(signs, path)
        into = exact if len(line.regions) == 1 else shared
        for region in line.regions:
            if into.setdefault(region, price) != price:
                raise ListError("price_twice", path=path, row=line.row, country=line.country)
    return shared | exact


def _lines(headers: tuple[str, ...], rows: Iterable[Row], path: Path) -> Iterator[_Line]:
    columns = _columns(headers, path)
    for row in rows:
        country, amount, currency = (tidy(row.cells[index]) for index in columns)
        if not (country or amount or currency or len(row.cells) > len(headers)):
            continue
        regions, code = regions_of(country), _currency_of(currency)
        readings = {sign: read for sign in _AMOUNTS if (read := _read(ascii_digits(amount), sign)) is not None}
        if not regions or not code or not readings or len(row.cells) > len(headers):
            cells = ", ".join(filter(None, map(tidy, row.cells)))
            raise ListError("price_line", path=path, row=row.number, cells=cells)
        yield _Line(row.number, country, regions, amount, readings, code)


def _columns(headers: tuple[str, ...], path: Path) -> tuple[int, ...]:
    known = [key(header) for header in headers]
    found = []
    for column, names in _HEADERS.items():
        places = [index for index, name in enumerate(known) if name in {key(name) for name in names}]
        if len(places) != 1:
            spoken = ", ".join(header for header in headers if header.strip())
            raise ListError("price_columns", path=path, column=column, headers=spoken)
        found += places
    return tuple(found)


def _read(amount: str, sign: str) -> Decimal | None:
    """An amount with this decimal sign; None where it can't be one."""
    if not _AMOUNTS[sign].fullmatch(amount):
        return None
    thousands = "," if sign == "." else "."
    return Decimal(amount.replace(thousands, "").replace(sign, "."))


def _surely_written(amount: Decimal) -> str:
    """An amount so that it can be read in one way alone."""
    whole, _, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals.ljust(_THOUSAND_DIGITS + 1, '0')}" if decimals else whole


@cache
def _currencies() -> dict[str, str]:
    """Codes of ISO 4217 by themselves and by their English and Chinese names."""
    import pycountry  # noqa: PLC0415 (only who names prices waits for it)

    chinese = gettext.translation("iso4217", pycountry.LOCALES_DIR, ["zh_CN"], fallback=True)
    known = {currency.alpha_3: currency.name for currency in pycountry.currencies}
    names = {form: code for code, name in known.items() for form in (code, name, chinese.gettext(name))}
    return {key(form): code for form, code in (names | _CURRENCIES).items()}


def _currency_of(text: str) -> str:
    return _currencies().get(key(text), "")


def totals(costs: Iterable[Price]) -> dict[str, Decimal]:
    """The sum in each currency."""
    sums: dict[str, Decimal] = {}
    for cost in costs:
        sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.amount
    return sums
