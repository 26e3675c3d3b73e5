"""What a list costs before it is sent: a price for each country's segment, from a table that the person keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
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
_AMOUNT = re.compile(r"\d+(?:\.\d+)?|0,\d+|\d+,\d{1,2}", re.ASCII)
"""``0.045``; a comma only where it can be no thousands separator."""
_CURRENCY = re.compile(r"[A-Za-z]{3}|人民币|元|美元")
_CHINESE = {"人民币": "CNY", "元": "CNY", "美元": "USD", "RMB": "CNY"}


@dataclass(frozen=True, slots=True)
class Price:
    """What one segment costs, or what many do: an amount in a currency (three letters)."""

    amount: Decimal
    currency: str

    def times(self, segments: int) -> Price:
        """The price of so many segments."""
        return Price(self.amount * segments, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"


def read_prices(headers: tuple[str, ...], rows: Iterable[Row], path: Path) -> dict[str, Price]:
    """The prices of a table by alpha-2 code. A line for a country goes before one for a dial code that it shares.

    Raises ListError for a line that can't be read: a cost that is too low is worse than none.
    """
    columns = _columns(headers, path)
    exact: dict[str, Price] = {}
    shared: dict[str, Price] = {}
    for row in rows:
        country, amount, currency = (tidy(row.cells[index]) for index in columns)
        if not (country or amount or currency):
            continue
        regions, price = regions_of(country), _price(amount, currency)
        if not regions or price is None:
            raise ListError("price_line", path=path, row=row.number, cells=f"{country}, {amount}, {currency}")
        into = exact if len(regions) == 1 else shared
        for region in regions:
            if into.setdefault(region, price) != price:
                raise ListError("price_twice", path=path, row=row.number, country=country)
    return shared | exact


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


def _price(amount: str, currency: str) -> Price | None:
    amount = ascii_digits(amount)
    if not _AMOUNT.fullmatch(amount) or not _CURRENCY.fullmatch(currency):
        return None
    code = currency.upper()
    return Price(Decimal(amount.replace(",", ".")), _CHINESE.get(code, code))


def totals(costs: Iterable[Price]) -> dict[str, Decimal]:
    """The sum in each currency."""
    sums: dict[str, Decimal] = {}
    for cost in costs:
        sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.amount
    return sums
