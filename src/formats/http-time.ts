const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The three forms of a time in HTTP (RFC 9110, 5.6.7). */
const FORMS: readonly RegExp[] = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) [A-Z]{3}$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/**
 * A time as HTTP headers write it, in seconds since 1970, perhaps negative; undefined where it is none. A year of two
 * digits lies between 1969 and 2068, as in Go.
 */
export function parseHttpTime(text: string): number | undefined {
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) continue;
    const { day = '', month = '', year = '', time = '' } = groups;
    const index = MONTHS.indexOf(month);
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    const full = year.length === 2 ? Number(year) + (Number(year) >= 69 ? 1900 : 2000) : Number(year);
    const date = new Date(0);
    date.setUTCFullYear(full, index, Number(day));
    date.setUTCHours(hours, minutes, seconds);
    const isReal =
      index >= 0 && hours < 24 && minutes < 60 && seconds < 60 && date.getUTCMonth() === index && Number(day) > 0;
    return isReal ? date.getTime() / 1000 : undefined;
  }
  return undefined;
}
