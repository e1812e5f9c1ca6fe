/* timestamp.c - see timestamp.h. Calendar arithmetic of our own: libc's depends on time zone and locale. */
#include "base/timestamp.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define YEAR_FIRST 1900
#define YEAR_LAST 2200

typedef struct civil {
    int year, month, day, hour, minute, second;
} civil;

/* Days since 1970-01-01 of a day in the proleptic Gregorian calendar. Years are counted from March, so that the leap
 * day is the last of its year and month lengths follow (153 m + 2) / 5 (Fliegel and Van Flandern 1968). */
static int64_t days_from_civil(const civil *date)
{
    int64_t year = date->month <= 2 ? date->year - 1 : date->year;
    int64_t month = (date->month + 9) % 12;
    int64_t leap_days = year / 4 - year / 100 + year / 400; /* years here are positive */
    return 365 * year + leap_days + (153 * month + 2) / 5 + date->day - 1 - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap);
}

static bool seconds_from_civil(int64_t *seconds, const civil *date)
{
    if (date->year < YEAR_FIRST || date->year > YEAR_LAST || date->month < 1 || date->month > 12) return false;
    if (date->day < 1 || date->day > days_in_month(date->year, date->month)) return false;
    if (date->hour > 23 || date->minute > 59 || date->second > 59) return false;
    *seconds = days_from_civil(date) * PV_SECONDS_PER_DAY + date->hour * 3600 + date->minute * 60 + date->second;
    return true;
}

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool is_digit_at(const cursor *text)
{
    return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

static bool take(cursor *text, char expected)
{
    if (text->at == text->end || *text->at != expected) return false;
    text->at++;
    return true;
}

/* Between `least` and `most` digits. */
static bool take_number(int *value, cursor *text, int least, int most)
{
    int number = 0, n_digits = 0;
    for (; n_digits < most && is_digit_at(text); n_digits++) number = number * 10 + (*text->at++ - '0');
    *value = number;
    return n_digits >= least;
}

/* [:ss[.fraction]] */
static bool take_seconds(int *second, cursor *text)
{
    if (!take(text, ':')) return true;
    if (!take_number(second, text, 2, 2)) return false;
    if (!take(text, '.') && !take(text, ',')) return true;
    if (!is_digit_at(text)) return false;
    while (is_digit_at(text)) text->at++;
    return true;
}

/* [Z|+hh:mm|+hhmm]: seconds east of UTC. */
static bool take_zone(int *offset, cursor *text)
{
    if (text->at == text->end || take(text, 'Z')) return true;
    int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    int hours, minutes;
    if (sign == 0 || !take_number(&hours, text, 2, 2)) return false;
    take(text, ':');
    if (!take_number(&minutes, text, 2, 2) || hours > 23 || minutes > 59) return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_date(civil *date, cursor *text)
{
    return take_number(&date->year, text, 4, 4) && take(text, '-') && take_number(&date->month, text, 2, 2) &&
           take(text, '-') && take_number(&date->day, text, 2, 2);
}

bool pv_timestamp_parse(int64_t *seconds, pv_text text)
{
    if (text.size == 0) return false;
    cursor rest = {text.data, text.data + text.size};
    civil date = {0};
    int offset = 0;
    if (!take_date(&date, &rest)) return false;
    if (rest.at < rest.end) {
        bool has_time = (take(&rest, 'T') || take(&rest, ' ')) && take_number(&date.hour, &rest, 2, 2) &&
                        take(&rest, ':') && take_number(&date.minute, &rest, 2, 2);
        if (!has_time || !take_seconds(&date.second, &rest) || !take_zone(&offset, &rest)) return false;
    }
    int64_t local;
    if (rest.at != rest.end || !seconds_from_civil(&local, &date)) return false;
    *seconds = local - offset;
    return true;
}

static bool take_month_name(int *month, cursor *text)
{
    static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text->end - text->at < 3) return false;
    for (int i = 0; i < 12; i++) {
        if (strncasecmp(text->at, names[i], 3) == 0) {
            text->at += 3;
            *month = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_directive(civil *date, cursor *text, char directive)
{
    switch (directive) {
    case 'Y':
        return take_number(&date->year, text, 4, 4);
    case 'y': /* POSIX: 69 to 99 are of the last century */
        if (!take_number(&date->year, text, 2, 2)) return false;
        date->year += date->year < 69 ? 2000 : 1900;
        return true;
    case 'm':
        return take_number(&date->month, text, 1, 2);
    case 'b':
        return take_month_name(&date->month, text);
    case 'd':
        return take_number(&date->day, text, 1, 2);
    case 'H':
        return take_number(&date->hour, text, 1, 2);
    case 'M':
        return take_number(&date->minute, text, 1, 2);
    case 'S':
        return take_number(&date->second, text, 1, 2);
    case '%':
        return take(text, '%');
    default:
        return false;
    }
}

bool pv_timestamp_parse_format(int64_t *seconds, pv_text text, const char *format)
{
    if (text.size == 0) return false;
    cursor rest = {text.data, text.data + text.size};
    civil date = {.month = 1, .day = 1}; /* a format without a year gives year 0, which is refused */
    for (; *format; format++) {
        bool is_taken = *format == '%' ? take_directive(&date, &rest, *++format) : take(&rest, *format);
        if (!is_taken) return false;
    }
    return rest.at == rest.end && seconds_from_civil(seconds, &date);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* The inverse of days_from_civil(), for any day: 400 years are 146097 days, and from March on month m begins at day
 * (153 m + 2) / 5 of its year. */
/* Digits of `value` to before `end`, over the zeros that stand there. */
static void write_digits(char *end, int64_t value)
{
    for (; value > 0; value /= 10) *--end = (char)('0' + value % 10);
}

static void print_day(char out[PV_TIMESTAMP_SIZE], int64_t days)
{
    int64_t from_march_0 = days + 719468;
    int64_t era = floor_divide(from_march_0, 146097);
    int64_t day_of_era = from_march_0 - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    int64_t year = era * 400 + year_of_era + (month >= 10);
    if (year < 0 || year > 9999) { /* of a model file that lies */
        snprintf(out, PV_TIMESTAMP_SIZE, "%04" PRId64 "-%02d-%02d", year, (int)((month + 2) % 12 + 1), (int)day);
        return;
    }
    memcpy(out, "0000-00-00", 11);
    write_digits(out + 4, year);
    write_digits(out + 7, (month + 2) % 12 + 1);
    write_digits(out + 10, day);
}

void pv_date_print(char out[PV_TIMESTAMP_SIZE], int64_t seconds)
{
    print_day(out, floor_divide(seconds, PV_SECONDS_PER_DAY));
}

void pv_timestamp_print(char out[PV_TIMESTAMP_SIZE], int64_t seconds)
{
    int64_t days = floor_divide(seconds, PV_SECONDS_PER_DAY);
    int second = (int)(seconds - days * PV_SECONDS_PER_DAY);
    print_day(out, days);
    size_t length = strlen(out);
    snprintf(out + length, PV_TIMESTAMP_SIZE - length, "T%02d:%02d:%02dZ", second / 3600, second / 60 % 60,
             second % 60);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int64_t pv_clock_now(void)
{
    return (int64_t)time(NULL);
}

double pv_clock_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double pv_clock_cpu_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}
