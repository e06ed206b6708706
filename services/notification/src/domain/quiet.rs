//! Quiet hours: a stretch of each day, by the clock on the person's wall, in which no mail and no push
//! message is sent. What would be sent in it is sent at its end.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

const FORMAT: &str = "%H:%M";
/// Samoa once left out a whole day.
const LONGEST_GAP_MINUTES: i64 = 48 * 60;

/// From one time of day to another, over midnight if the end is the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuietHours {
    begin: NaiveTime,
    end: NaiveTime,
}

/// What is wrong with what a person asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidQuietHours {
    #[error("give a time of day, such as 22:00")]
    Begin,
    #[error("give a time of day, such as 07:00")]
    End,
    #[error(
        "give another time than the beginning: to be left in peace for good, switch channels off"
    )]
    Empty,
}

impl InvalidQuietHours {
    /// Beside which it stands.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::End | Self::Empty => "end",
        }
    }
}

impl QuietHours {
    pub(crate) fn parse(begin: &str, end: &str) -> Result<Self, InvalidQuietHours> {
        let begin = time_of_day(begin).ok_or(InvalidQuietHours::Begin)?;
        let end = time_of_day(end).ok_or(InvalidQuietHours::End)?;
        if begin == end {
            return Err(InvalidQuietHours::Empty);
        }
        Ok(Self { begin, end })
    }

    /// `22:00`.
    pub(crate) fn begin(&self) -> String {
        self.begin.format(FORMAT).to_string()
    }

    /// `07:00`.
    pub(crate) fn end(&self) -> String {
        self.end.format(FORMAT).to_string()
    }

    /// When the quiet hours end in which this moment lies, if it lies in any.
    pub(crate) fn until(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&zone).naive_local();
        if !self.hold(local.time()) {
            return None;
        }
        let is_today = local.time() < self.end;
        let day = if is_today { local.date() } else { local.date() + Days::new(1) };
        moment(day.and_time(self.end), zone, now)
    }

    fn hold(&self, time: NaiveTime) -> bool {
        if self.begin < self.end {
            self.begin <= time && time < self.end
        } else {
            self.begin <= time || time < self.end
        }
    }
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let is_short = text.len() == "22:00".len();
    is_short.then(|| NaiveTime::parse_from_str(text, FORMAT).ok())?
}

/// The first moment after now at which a clock on the wall shows this. Where clocks are put back it
/// shows it twice; where they are put forward it may never, and then the first moment after the leap is
/// meant.
fn moment(local: NaiveDateTime, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (0..=LONGEST_GAP_MINUTES).find_map(|minutes| {
        let shown = zone.from_local_datetime(&(local + TimeDelta::minutes(minutes)));
        let moments = [shown.earliest(), shown.latest()].into_iter().flatten();
        moments.map(|moment| moment.with_timezone(&Utc)).find(|moment| *moment > now)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono_tz::{Africa::Casablanca, America::Santiago, Asia::Kolkata, Europe::Paris};
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn night() -> QuietHours {
        QuietHours::parse("22:00", "07:00").unwrap()
    }

    #[test]
    fn the_night_is_over_midnight_in_the_person_s_zone() {
        let until = |time, zone| night().until(utc(time), zone);
        assert_eq!(until("2026-11-22T20:59:59Z", Paris), None);
        let morning = Some(utc("2026-11-23T06:00:00Z"));
        assert_eq!(until("2026-11-22T21:00:00Z", Paris), morning);
        assert_eq!(until("2026-11-23T05:59:59Z", Paris), morning);
        assert_eq!(until("2026-11-23T06:00:00Z", Paris), None);
        assert_eq!(until("2026-11-22T17:00:00Z", Kolkata), Some(utc("2026-11-23T01:30:00Z")));
    }

    #[test]
    fn a_stretch_of_the_day_is_one_too() {
        let lesson = QuietHours::parse("09:00", "12:30").unwrap();
        let until = |time| lesson.until(utc(time), Tz::UTC);
        assert_eq!(until("2026-11-22T08:59:00Z"), None);
        assert_eq!(until("2026-11-22T09:00:00Z"), Some(utc("2026-11-22T12:30:00Z")));
        assert_eq!(until("2026-11-22T12:30:00Z"), None);
    }

    /// Paris, 29 March 2026: 02:00 is 03:00 at once. 25 October: 03:00 is 02:00 once more.
    #[test]
    fn clocks_are_put_forward_and_back() {
        assert_eq!(
            night().until(utc("2026-03-28T22:00:00Z"), Paris),
            Some(utc("2026-03-29T05:00:00Z")),
            "07:00 is an hour earlier"
        );
        let leap = QuietHours::parse("01:00", "02:30").unwrap();
        assert_eq!(
            leap.until(utc("2026-03-29T00:30:00Z"), Paris),
            Some(utc("2026-03-29T01:00:00Z")),
            "02:30 never comes: 03:00 is meant"
        );
        assert_eq!(
            leap.until(utc("2026-10-25T00:10:00Z"), Paris),
            Some(utc("2026-10-25T00:30:00Z")),
            "02:30 for the first time"
        );
        assert_eq!(leap.until(utc("2026-10-25T00:40:00Z"), Paris), None);
        assert_eq!(
            leap.until(utc("2026-10-25T01:10:00Z"), Paris),
            Some(utc("2026-10-25T01:30:00Z")),
            "02:10 shows again, and 02:30 after it"
        );
        assert_eq!(
            QuietHours::parse("22:00", "00:00")
                .unwrap()
                .until(utc("2026-09-06T03:00:00Z"), Santiago),
            Some(utc("2026-09-06T04:00:00Z")),
            "Chile leaves out midnight"
        );
    }

    #[test]
    fn what_is_no_time_of_day_is_refused() {
        assert_eq!(QuietHours::parse("22h", "07:00"), Err(InvalidQuietHours::Begin));
        assert_eq!(QuietHours::parse("22:00", "24:00"), Err(InvalidQuietHours::End));
        assert_eq!(QuietHours::parse("22:00", "7:00"), Err(InvalidQuietHours::End));
        assert_eq!(QuietHours::parse("22:00", "22:00"), Err(InvalidQuietHours::Empty));
        assert_eq!((night().begin(), night().end()), ("22:00".into(), "07:00".into()));
    }

    proptest! {
        /// Whenever it is and wherever: what waits is sent later, within two days, and no more quietly.
        #[test]
        fn the_end_comes(
            seconds in 1_700_000_000_i64..1_900_000_000,
            begin in 0_u32..1440, end in 0_u32..1440, zone in 0..4_usize,
        ) {
            prop_assume!(begin != end);
            let text = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let hours = QuietHours::parse(&text(begin), &text(end)).unwrap();
            let zone = [Paris, Santiago, Casablanca, Kolkata][zone];
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            if let Some(until) = hours.until(now, zone) {
                prop_assert!(until > now && until - now <= TimeDelta::hours(26), "{until}");
            }
        }
    }
}
