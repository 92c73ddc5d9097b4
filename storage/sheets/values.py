"""Cells that mean something: dates, telephones, Telegram ids.

Each parser takes the clean text of one cell and raises `BadValue` with a sentence that says what
to write instead. Nothing is guessed: a telephone that Excel has rounded is refused.
"""

import datetime as dt
import re
import unicodedata

from storage.folding import fold
from storage.sheets.problems import BadValue

MAX_TELEGRAM_ID = 2**52
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t]00:00(?::00)?)?")
_DAY_FIRST = re.compile(
    r"(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{4}|\d{2})"
    r"|(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})"
)
_YEAR = re.compile(r"\d{4}")
_ROUNDED = re.compile(r"\d([.,]\d+)?e\+?\d+")


def parse_date(
    text: str, today: dt.date, *, future: bool = False, year_only: bool = False
) -> dt.date:
    """A date written day first, or as Excel stores it.

    A two-digit year is the latest one not after `today`, or up to 20 years ahead with `future`.
    """
    plain = fold(unicodedata.normalize("NFKC", text))
    if year_only and _YEAR.fullmatch(plain):
        plain = f"1/1/{plain}"
    if iso := _ISO.fullmatch(plain):
        year, month, day = iso.groups()
    elif day_first := _DAY_FIRST.fullmatch(plain):
        day, month, year = (part for part in day_first.groups() if part)
    elif _YEAR.fullmatch(plain):
        raise BadValue("{value} is only a year. Write day/month/year.", value=text)
    else:
        raise BadValue("{value} is not a date. Write day/month/year.", value=text)
    if int(month) > 12 >= int(day) > 0:
        raise BadValue("{value} has the month first. Write day/month/year.", value=text)
    try:
        date = dt.date(_full_year(year, today, future), int(month), int(day))
    except ValueError:
        raise BadValue("{value} is not in the calendar.", value=text) from None
    if not 1900 <= date.year <= 2100:
        raise BadValue("{value} is not a year we can believe.", value=text)
    if date > today and not future:
        raise BadValue("{value} is in the future.", value=text)
    return date


def parse_phone(text: str) -> str:
    """A telephone number as E.164, read as a Vietnamese one unless it begins with +."""
    import phonenumbers  # here, because who only reads should not wait for it

    plain = unicodedata.normalize("NFKC", text).strip()
    _refuse_rounded(plain, text)
    try:
        number = phonenumbers.parse(plain, "VN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        raise BadValue("{value} is not a telephone number.", value=text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_telegram_id(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).strip()
    _refuse_rounded(plain, text)
    if not re.fullmatch(r"[0-9]{1,16}", plain) or not 0 < int(plain) <= MAX_TELEGRAM_ID:
        raise BadValue("{value} is not a Telegram ID, which is a whole number.", value=text)
    return int(plain)


def _full_year(digits: str, today: dt.date, future: bool) -> int:
    if len(digits) == 4:
        return int(digits)
    latest = today.year + (20 if future else 0)
    return latest - (latest - int(digits)) % 100


def _refuse_rounded(plain: str, text: str) -> None:
    if _ROUNDED.fullmatch(plain.casefold()):
        raise BadValue(
            "{value} was rounded by the spreadsheet. Format the column as text and write it again.",
            value=text,
        )
