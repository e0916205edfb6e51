// From the virtual clock, or from seconds since 1970, to a calendar and back: the
// machine booted on Tuesday, 18 September 2012, 10:00:00 UTC. Whole numbers only,
// so that every engine agrees.

/** Seconds from 1970 to the boot. */
export const BOOT_EPOCH = 15_601 * 86_400 + 10 * 3600;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const WEEKDAYS = "Thu Fri Sat Sun Mon Tue Wed".split(" ");

export interface Moment {
  weekday: string;
  year: string;
  month: string;
  /** 01 to 12. */
  monthNumber: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
  /** Seconds since 1970. */
  epoch: number;
}

/** The date and time at a moment of the virtual clock. */
export function calendar(clockNs: number): Moment {
  return calendarOf(BOOT_EPOCH + Math.floor(clockNs / 1_000_000_000));
}

/** The date and time so many seconds after 1970 began. */
export function calendarOf(epoch: number): Moment {
  const days = Math.floor(epoch / 86_400);
  const second = epoch - days * 86_400;
  const { year, month, day } = civil(days);
  return {
    weekday: WEEKDAYS[(days % 7 + 7) % 7]!,
    year: String(year),
    month: MONTHS[month - 1]!,
    monthNumber: two(month),
    day: String(day),
    hour: two(Math.floor(second / 3600)),
    minute: two(Math.floor(second / 60) % 60),
    second: two(second % 60),
    epoch,
  };
}

/** Days from 1970-01-01 to a date (months from 1). */
export function daysTo(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const shiftedMonth = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * shiftedMonth + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leaps + dayOfYear - 719_468;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/**
 * Year, month and day of a day counted from 1970. Counts from 1 March of year 0,
 * so that the leap day is the last of a year; 146,097 days are 400 years.
 */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) +
    Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day };
}
