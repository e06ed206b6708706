//! How often something may be tried: a sliding window for each thing and origin, in this process. Right
//! passwords do not count, so that a class may sign in from one address at once.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Pairs remembered; beyond, half of them are forgotten, those longest quiet first.
const MOST_PAIRS: usize = 20_000;

type Pair = (String, Option<IpAddr>);

/// What is counted here.
pub(crate) struct Limits {
    /// Wrong passwords for one mail address from one origin; of somebody who is signed in, for the person.
    pub(crate) passwords: Limiter,
    /// Wrong passwords and broken links from one origin, whomever they are for.
    guesses: Limiter,
    /// Mails that are asked for, for one address.
    pub(crate) mails: Limiter,
    /// Mails that are asked for from one origin, whether there is an account or not.
    askings: Limiter,
    /// Mails to other addresses that one person asks for.
    pub(crate) addresses: Limiter,
    /// Accounts that are opened from one origin: a class may at once, a program not without end.
    accounts: Limiter,
}

impl Default for Limits {
    fn default() -> Self {
        let quarter = TimeDelta::minutes(15);
        Self {
            passwords: Limiter::new(10, quarter),
            guesses: Limiter::new(200, quarter),
            mails: Limiter::new(3, TimeDelta::hours(1)),
            askings: Limiter::new(40, quarter),
            addresses: Limiter::new(10, TimeDelta::hours(1)),
            accounts: Limiter::new(100, TimeDelta::minutes(10)),
        }
    }
}

impl Limits {
    /// Counts something that may be a guess against where it comes from, whomever it is for.
    pub(crate) fn guess(
        &self,
        origin: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Option<Try>, u32> {
        of_origin(&self.guesses, origin, now)
    }

    /// It was none.
    pub(crate) fn was_right(&self, guess: Option<Try>) {
        if let Some(guess) = guess {
            self.guesses.take_back(&guess);
        }
    }

    /// Counts an account that is to be opened against where that comes from.
    pub(crate) fn open_account(
        &self,
        origin: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Option<Try>, u32> {
        of_origin(&self.accounts, origin, now)
    }

    /// None was opened.
    pub(crate) fn was_not_opened(&self, account: Option<Try>) {
        if let Some(account) = account {
            self.accounts.take_back(&account);
        }
    }

    /// Counts a mail that is asked for against where that comes from.
    pub(crate) fn ask(&self, origin: Option<IpAddr>, now: DateTime<Utc>) -> Result<(), u32> {
        of_origin(&self.askings, origin, now).map(drop)
    }
}

/// Behind a proxy everybody comes from its address: counting it would let one person lock out all.
fn of_origin(
    limiter: &Limiter,
    origin: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<Option<Try>, u32> {
    if origin.is_some_and(is_shared) { Ok(None) } else { limiter.begin("", origin, now).map(Some) }
}

/// Whether an address is of this machine or of a network at home.
fn is_shared(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// Tries, remembered for a while.
pub(crate) struct Limiter {
    most: usize,
    window: TimeDelta,
    tries: Mutex<HashMap<Pair, VecDeque<DateTime<Utc>>>>,
}

/// A try that counts until it is taken back, so that many at once cannot slip past the count.
#[derive(Debug)]
pub(crate) struct Try {
    pair: Pair,
    at: DateTime<Utc>,
}

impl Limiter {
    fn new(most: usize, window: TimeDelta) -> Self {
        Self { most, window, tries: Mutex::default() }
    }

    /// Lets a try begin, or says how many seconds to wait.
    pub(crate) fn begin(
        &self,
        thing: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Try, u32> {
        let pair = (thing.to_owned(), address.map(network));
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= MOST_PAIRS && !tries.contains_key(&pair) {
            forget(&mut tries, now - self.window);
        }
        let times = tries.entry(pair.clone()).or_default();
        times.retain(|at| *at > now - self.window);
        if let Some(first) = times.front().filter(|_| times.len() >= self.most) {
            let wait = (*first + self.window - now).num_seconds().max(0) + 1;
            return Err(u32::try_from(wait).unwrap_or(u32::MAX));
        }
        times.push_back(now);
        Ok(Try { pair, at: now })
    }

    /// This try does not count: the password was right, or whatever else it turned out to be.
    pub(crate) fn take_back(&self, done: &Try) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = tries.get_mut(&done.pair) else {
            return;
        };
        if let Some(index) = times.iter().position(|at| *at == done.at) {
            times.remove(index);
        }
        if times.is_empty() {
            tries.remove(&done.pair);
        }
    }
}

/// One subscriber holds a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

fn forget(tries: &mut HashMap<Pair, VecDeque<DateTime<Utc>>>, since: DateTime<Utc>) {
    tries.retain(|_, times| times.back().is_some_and(|last| *last > since));
    if tries.len() < MOST_PAIRS {
        return;
    }
    let mut ages: Vec<DateTime<Utc>> =
        tries.values().filter_map(|times| times.back().copied()).collect();
    ages.sort_unstable();
    let Some(middle) = ages.get(ages.len() / 2).copied() else {
        return;
    };
    tries.retain(|_, times| times.back().is_some_and(|last| *last > middle));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn ten_failures_then_a_wait_that_ends() {
        let limiter = Limiter::new(10, TimeDelta::minutes(15));
        let home: Option<IpAddr> = "192.0.2.1".parse().ok();
        for second in 0..10 {
            limiter.begin("a@b.org", home, at(second)).unwrap();
        }
        assert_eq!(limiter.begin("a@b.org", home, at(10)).unwrap_err(), 891);
        assert!(limiter.begin("c@b.org", home, at(10)).is_ok());
        assert!(limiter.begin("a@b.org", "192.0.2.2".parse().ok(), at(10)).is_ok());
        assert!(limiter.begin("a@b.org", home, at(901)).is_ok());
    }

    #[test]
    fn an_origin_is_counted_unless_many_may_share_it() {
        let limits = Limits::default();
        let proxies = ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.7", "fd00::1"];
        for _ in 0..300 {
            for proxy in proxies {
                limits.guess(proxy.parse().ok(), at(0)).unwrap();
            }
        }
        let attacker = "198.51.100.7".parse().ok();
        for _ in 0..200 {
            limits.guess(attacker, at(0)).unwrap();
        }
        assert!(limits.guess(attacker, at(1)).is_err());
        assert!(limits.guess("198.51.100.8".parse().ok(), at(1)).is_ok());
        let right = limits.guess("198.51.100.9".parse().ok(), at(1)).unwrap();
        limits.was_right(right);
        assert_eq!(limits.guesses.tries.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_class_registers_from_one_address_and_a_program_not_without_end() {
        let limits = Limits::default();
        for _ in 0..300 {
            limits.open_account("127.0.0.1".parse().ok(), at(0)).unwrap();
        }
        let school = "198.51.100.7".parse().ok();
        for second in 0..100 {
            let wrong = limits.open_account(school, at(second)).unwrap();
            limits.was_not_opened(wrong);
            limits.open_account(school, at(second)).unwrap();
        }
        assert_eq!(limits.open_account(school, at(100)).unwrap_err(), 501);
        assert!(limits.open_account("198.51.100.8".parse().ok(), at(100)).is_ok());
        assert!(limits.open_account(school, at(601)).is_ok());
    }

    #[test]
    fn a_class_signs_in_from_one_address() {
        let limiter = Limiter::new(10, TimeDelta::minutes(15));
        for number in 0..300 {
            let begun = limiter.begin("a@b.org", None, at(number / 100)).unwrap();
            limiter.take_back(&begun);
        }
        assert!(limiter.tries.lock().unwrap().is_empty());
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_together() {
        let limiter = Limiter::new(10, TimeDelta::minutes(15));
        for host in 0..10 {
            limiter.begin("a@b.org", format!("2001:db8::{host}").parse().ok(), at(0)).unwrap();
        }
        assert!(limiter.begin("a@b.org", "2001:db8::ffff".parse().ok(), at(1)).is_err());
        assert!(limiter.begin("a@b.org", "2001:db8:0:1::".parse().ok(), at(1)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::new(10, TimeDelta::minutes(15));
        for number in 0..(MOST_PAIRS + 100) {
            limiter
                .begin(&number.to_string(), None, at(i64::try_from(number).unwrap() / 100))
                .unwrap();
        }
        assert!(limiter.tries.lock().unwrap().len() <= MOST_PAIRS);
    }
}
