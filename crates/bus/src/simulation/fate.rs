//! The places at which a task waits for its database, and what befalls it there.
//!
//! A step is a future that the world polls by itself. While it does, the step's [`Course`] lies in this
//! thread's slot, and each place that the code reaches draws from it. Code that runs outside a step
//! passes every place unharmed.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::DbErr;

use crate::Error;

/// Where a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before a transaction begins.
    Begin,
    /// Before a statement in a transaction.
    Statement,
    /// Before a commit: nothing will have been written.
    Commit,
    /// After a commit: everything was written, and an error is a lie.
    Committed,
    /// Before reading outside a transaction.
    Read,
    /// Between two things that the bus does.
    Between,
}

/// How often something goes wrong at a place, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    pub error: u32,
    pub crash: u32,
    /// The task stands still while others go on.
    pub pause: u32,
    /// A commit that is answered with yes, and undone: what no database may do.
    pub(crate) lie: u32,
}

impl Rates {
    pub(crate) const NONE: Self = Self { error: 0, crash: 0, pause: 0, lie: 0 };

    pub(crate) fn is_calm(&self) -> bool {
        self.error + self.crash + self.pause == 0
    }

    /// Around a commit more is at stake than before a statement.
    fn weight(place: Place) -> u32 {
        match place {
            Place::Statement | Place::Read => 1,
            Place::Begin | Place::Between => 3,
            Place::Commit | Place::Committed => 6,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Crashed,
    Paused,
}

/// One step's way: what it will draw, and what it went through.
pub(crate) struct Course {
    random: StdRng,
    rates: Rates,
    open: u32,
    stop: Option<Stop>,
    notes: Vec<String>,
}

thread_local! {
    static COURSE: RefCell<Option<Course>> = const { RefCell::new(None) };
    static MODE: Cell<Mode> = const { Cell::new(Mode::Off) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Off,
    On,
    /// Nothing goes wrong any more, and nobody dawdles.
    Calm,
}

/// Whether this thread simulates.
pub(crate) fn is_on() -> bool {
    MODE.get() != Mode::Off
}

pub(crate) fn turn(mode: Mode) {
    MODE.set(mode);
}

/// Whether a relay reads its outbox now, or sends what was committed beside it. Elsewhere the time
/// tells; here it is drawn, like all else.
pub(crate) fn must_look() -> bool {
    let mut byte = [0];
    let is_drawn = event::fill_seeded(&mut byte);
    MODE.get() == Mode::Calm || !is_drawn || byte[0] % 2 == 0
}

/// Says in the trace what happened in this step.
pub(crate) fn note(text: impl FnOnce() -> String) {
    COURSE.with_borrow_mut(|course| {
        if let Some(course) = course {
            course.notes.push(text());
        }
    });
}

/// A transaction that is open: nobody else could begin one while its owner stands still.
pub(crate) struct Open;

impl Open {
    pub(crate) fn new() -> Self {
        count_open(1);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        count_open(-1);
    }
}

fn count_open(by: i32) {
    COURSE.with_borrow_mut(|course| {
        if let Some(course) = course {
            course.open = course.open.saturating_add_signed(by);
        }
    });
}

/// A task has come to a place: it goes on, gets an error, stands still, or dies here.
pub(crate) async fn reach(place: Place) -> Result<(), Error> {
    match COURSE.with_borrow_mut(|course| course.as_mut().map_or(Fate::Go, |one| one.draw(place))) {
        Fate::Go => Ok(()),
        Fate::Error => Err(Error::Database(DbErr::Custom(format!("simulated, at {place:?}")))),
        Fate::Stop(Stop::Crashed) => std::future::pending().await,
        Fate::Stop(Stop::Paused) => {
            once_more().await;
            Ok(())
        }
    }
}

/// Whether this commit is to be undone and called done.
pub(crate) fn lies() -> bool {
    COURSE.with_borrow_mut(|course| {
        course.as_mut().is_some_and(|course| {
            let lies = course.random.random_ratio(course.rates.lie.min(1000), 1000);
            if lies {
                course.notes.push("the database lies".to_owned());
            }
            lies
        })
    })
}

/// Pending at the first poll, ready at the next: the world polls again when it is this task's turn.
async fn once_more() {
    let mut is_first = true;
    poll_fn(|_| if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }).await;
}

enum Fate {
    Go,
    Error,
    Stop(Stop),
}

impl Course {
    pub(crate) fn new(seed: u64, rates: Rates) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { random, rates, open: 0, stop: None, notes: Vec::new() }
    }

    fn draw(&mut self, place: Place) -> Fate {
        let weight = Rates::weight(place);
        let drawn = self.random.random_range(0..1000);
        let error = self.rates.error * weight;
        let crash = error + self.rates.crash * weight;
        let pause = crash + self.rates.pause * weight;
        let may_pause = self.open == 0 && place != Place::Statement;
        if drawn < error && place != Place::Between {
            self.notes.push(format!("error at {place:?}"));
            return Fate::Error;
        }
        if drawn >= error && drawn < crash {
            self.notes.push(format!("crash at {place:?}"));
            self.stop = Some(Stop::Crashed);
            return Fate::Stop(Stop::Crashed);
        }
        if drawn >= crash && drawn < pause && may_pause {
            self.notes.push(format!("stands still at {place:?}"));
            self.stop = Some(Stop::Paused);
            return Fate::Stop(Stop::Paused);
        }
        Fate::Go
    }
}

/// What the world takes, one after another.
pub(crate) type StepFuture = Pin<Box<dyn Future<Output = String>>>;

/// A step under way.
pub(crate) struct Step {
    future: StepFuture,
    course: Option<Course>,
}

/// How far it came.
pub(crate) enum Came {
    /// To its end, with what it has to say.
    Done(String),
    Crashed,
    /// It goes on when it is driven again.
    Paused,
}

impl Step {
    pub(crate) fn new(future: StepFuture, course: Course) -> Self {
        Self { future, course: Some(course) }
    }

    /// Nothing goes wrong in it from here on.
    pub(crate) fn calm(&mut self) {
        if let Some(course) = &mut self.course {
            course.rates = Rates::NONE;
        }
    }

    /// Drives it until it ends, dies or stands still; gives what it noted on the way, too.
    pub(crate) async fn drive(&mut self) -> (Came, Vec<String>) {
        let came = poll_fn(|context| {
            COURSE.set(self.course.take());
            let polled = self.future.as_mut().poll(context);
            self.course = COURSE.take();
            let stop = self.course.as_mut().and_then(|course| course.stop.take());
            match (polled, stop) {
                (Poll::Ready(said), _) => Poll::Ready(Came::Done(said)),
                (Poll::Pending, Some(Stop::Crashed)) => Poll::Ready(Came::Crashed),
                (Poll::Pending, Some(Stop::Paused)) => Poll::Ready(Came::Paused),
                (Poll::Pending, None) => Poll::Pending,
            }
        })
        .await;
        let notes = self.course.as_mut().map(|course| std::mem::take(&mut course.notes));
        (came, notes.unwrap_or_default())
    }
}
