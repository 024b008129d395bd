"""Working days (工作日): the State Council's days off and working weekends, and those of the region besides.

The national days come from the package `holidays`, which has them for the years that were announced; a later year is counted
by its festivals and weekends, and is provisional. Days of the region itself, such as 肉孜节 and 古尔邦节 in Xinjiang, are in
`templates/calendars/REGION.yaml`, which the region brings up to date each year. Pure but for reading that file once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import holidays
import yaml

from etrust.errors import EtrustError, Kind
from etrust.resources import resource

MAX_DAYS = 400


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of a region.

    Attributes:
        days_off: days of the region on which nobody works, by their names.
        announced: the last year whose national days are known.
    """

    days_off: Mapping[date, str] = field(default_factory=dict)
    announced: int = 2026

    def is_working(self, day: date) -> bool:
        """Whether counters are open on that day."""
        return day not in self.days_off and _national(day.year).is_working_day(day)

    def after(self, day: date, count: int) -> date:
        """The working day so many working days after a day; the day itself does not count (民法典, article 201)."""
        if not 0 <= count <= MAX_DAYS:
            raise ValueError(count)
        found, left = day, count
        while left:
            found += timedelta(days=1)
            left -= self.is_working(found)
        return found

    def is_provisional(self, day: date) -> bool:
        """Whether the year of a day was not announced yet, so that a deadline on it may still move."""
        return day.year > self.announced


@lru_cache(maxsize=16)
def _national(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=[year])


@lru_cache(maxsize=4)
def working_days(region: str) -> WorkingDays:
    """The working days of a region; the national ones where it has no file.

    Raises:
        EtrustError: ``bad_calendar``.
    """
    path = resource("templates", "calendars", f"{region}.yaml")
    if not path.is_file():
        return WorkingDays()
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
        days = {date.fromisoformat(str(day)): str(name) for day, name in found["days_off"].items()}
        return WorkingDays(days, int(found["announced"]))
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_calendar", where=str(path),
            zh=f"工作日历 {path.name} 无法读取。", en=f"The calendar {path.name} cannot be read.",
        ) from error
