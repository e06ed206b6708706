//! The world: which step comes next, what befalls it, and the account of it all.

use std::{future::Future, rc::Rc};

use chrono::TimeDelta;
use rand::{Rng, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};

use super::{
    books,
    fate::{Came, Course, Mode, Rates, Step, StepFuture, turn},
    lanes::{self, Lane},
    transport::{Manners, SimulatedTransport},
};
use crate::{Clock, Db, Error, Service, Transport, step, transport::Queue};

/// Rounds of an hour each after which what still waits will never end.
const ROUNDS: usize = 100;
/// Passes over all lanes without the clock moving.
const PASSES: usize = 400;

/// Longer than retention keeps what is done with.
const STANDSTILL: TimeDelta = TimeDelta::days(31);
/// After a start retention leaves so much time to all others.
const FIRST_MINUTES: TimeDelta = TimeDelta::minutes(5);

/// Lanes that are asked for a step until one has something to do.
const DRAWS: usize = 6;

/// A service with its database.
pub struct Member {
    pub service: Service,
    pub db: Db,
}

/// How the services share processes. Those of one process die together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// All in one.
    Together,
    /// All in one, twice.
    Twins,
    /// Each in its own.
    Apart,
}

/// A fault of the code itself, to prove that the simulation would see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// A runner that settles before it has handled.
    SettlesFirst,
    /// A runner that does not look whether it has handled an event before.
    NoInbox,
    /// A transport that says "owned" of what it lost: what a relay without confirms believes.
    NoConfirms,
    /// A worker that does not know that the one before it died at work.
    ForgetsAbandoned,
    /// A database that says yes to a commit and loses it.
    LosesCommits,
    /// A retention that does not wait until each queue was seen empty.
    ForgetsTooEarly,
}

/// What is wrong at the end of a run, for people.
pub type Finding = String;

/// A platform that is played from a seed.
pub struct World {
    pub transport: SimulatedTransport,
    clock: Clock,
    random: StdRng,
    rates: Rates,
    mutation: Option<Mutation>,
    members: Rc<Vec<Member>>,
    processes: Vec<Process>,
    standing: Vec<Standing>,
    /// Whether there may be something that is done with for so long that it is thrown away.
    is_old: bool,
    trace: Vec<String>,
}

/// Which services live in it, and their lines of work.
struct Process {
    members: Vec<usize>,
    lanes: Vec<Lane>,
}

/// A step that stands still while others go on.
struct Standing {
    process: usize,
    name: String,
    step: Step,
}

impl World {
    /// Declares the queues of all services. Whatever is drawn on this thread from here on, ids among it,
    /// follows from the seed.
    ///
    /// # Errors
    /// Never in practice: the transport is in memory.
    pub async fn new(
        seed: u64,
        clock: Clock,
        members: Vec<Member>,
        mutation: Option<Mutation>,
    ) -> Result<Self, Error> {
        let mut random = StdRng::seed_from_u64(seed);
        event::seed(random.random());
        let mut manners = draw_manners(&mut random);
        let mut rates = draw_rates(&mut random);
        manners.lie = if mutation == Some(Mutation::NoConfirms) { manners.lost + 20 } else { 0 };
        rates.lie = if mutation == Some(Mutation::LosesCommits) { 20 } else { 0 };
        let transport = SimulatedTransport::new(random.random(), clock.clone(), manners);
        let queues: Vec<Queue> =
            members.iter().flat_map(|member| member.service.queues()).collect();
        transport.declare(&queues).await?;
        for member in &members {
            books::keep_beside(&member.db).await?;
        }
        let topology = [Topology::Together, Topology::Twins, Topology::Apart]
            .into_iter()
            .nth(random.random_range(0..3))
            .unwrap_or(Topology::Together);
        let mut world = Self {
            transport,
            clock,
            random,
            rates,
            mutation,
            processes: groups(topology, members.len()).into_iter().map(Process::of).collect(),
            members: Rc::new(members),
            standing: Vec::new(),
            is_old: false,
            trace: Vec::new(),
        };
        (0..world.processes.len()).for_each(|process| world.start(process));
        world.tell(format!("{topology:?}, {rates:?}, {manners:?}"));
        Ok(world)
    }

    /// Makes this thread one that simulates: databases opened on it trust their disk.
    pub fn begin() {
        turn(Mode::On);
    }

    /// The seed's own chance, for what its users do.
    pub fn random(&mut self) -> &mut StdRng {
        &mut self.random
    }

    /// What happened so far, step by step.
    #[must_use]
    pub fn trace(&self) -> &[String] {
        &self.trace
    }

    /// Writes into the trace.
    pub fn tell(&mut self, line: String) {
        self.trace.push(format!("{} {line}", self.trace.len()));
    }

    /// A hash of the trace and of all that the databases hold; the same run gives the same one.
    ///
    /// # Errors
    /// When a database does not read.
    pub async fn fingerprint(&self, except: &[(&str, &str)]) -> Result<String, Error> {
        let mut hash = Sha256::new();
        self.trace.iter().for_each(|line| hash.update(line));
        for member in self.members.iter() {
            for line in books::dump(&member.db, except).await? {
                hash.update(line);
            }
        }
        Ok(format!("{:x}", hash.finalize()))
    }

    /// Takes one step, whichever the seed draws.
    pub async fn step(&mut self) {
        match self.random.random_range(0..100) {
            0..8 => self.pass_time(),
            8 => self.cut(),
            9 => self.kill_any(),
            10..40 if !self.standing.is_empty() => self.resume_any().await,
            _ => self.work_any().await,
        }
    }

    /// Somebody asks a service for something. What they do after the answer is part of the future;
    /// without an answer, when the process dies at it, they never come to it.
    pub async fn act(
        &mut self,
        service: &str,
        name: String,
        future: impl Future<Output = String> + 'static,
    ) {
        let serves = |process: &Process| {
            process.members.iter().any(|one| self.members[*one].service.name() == service)
        };
        let able: Vec<usize> =
            (0..self.processes.len()).filter(|one| serves(&self.processes[*one])).collect();
        if able.is_empty() {
            return;
        }
        let process = able[self.random.random_range(0..able.len())];
        self.take(process, name, Box::pin(future)).await;
    }

    /// Every process dies, all connections with them, and starts again a month later. Who finds something
    /// to send then, sends it before retention begins: nobody promises that what comes again after more than
    /// thirty days is known still, but for what lay in a queue meanwhile.
    ///
    /// # Errors
    /// When a database does not read.
    pub async fn stand_still(&mut self) -> Result<(), Error> {
        self.tell("everything stands still for a month".to_owned());
        self.is_old = true;
        self.standing.clear();
        (0..self.processes.len()).for_each(|process| self.start(process));
        self.transport.cut();
        self.clock.advance(STANDSTILL);
        let rates = std::mem::replace(&mut self.rates, Rates::NONE);
        let sent = self.send_what_is_left().await;
        self.rates = rates;
        self.clock.advance(FIRST_MINUTES);
        sent
    }

    async fn send_what_is_left(&mut self) -> Result<(), Error> {
        for _ in 0..PASSES {
            let mut unsent = 0;
            for member in self.members.iter() {
                unsent += books::unsent(&member.db).await?;
            }
            if unsent == 0 {
                return Ok(());
            }
            for process in 0..self.processes.len() {
                for lane in 0..self.processes[process].lanes.len() {
                    if self.processes[process].lanes[lane].is_relay() {
                        self.work(process, lane).await;
                    }
                }
            }
            self.clock.advance(TimeDelta::seconds(1));
        }
        Ok(())
    }

    /// Nothing goes wrong any more; everything under way comes to its end, whatever time it takes.
    pub async fn drain(&mut self) -> Result<Vec<Finding>, Error> {
        turn(Mode::Calm);
        self.rates = Rates::NONE;
        self.transport.calm();
        self.tell("from here on nothing goes wrong".to_owned());
        for _ in 0..ROUNDS {
            self.work_until_quiet().await;
            if self.waiting().await? == 0 {
                return books::findings(&self.members).await;
            }
            self.clock.advance(TimeDelta::hours(1));
        }
        let mut findings = books::findings(&self.members).await?;
        findings.push(format!("{} still wait after {ROUNDS} hours", self.waiting().await?));
        Ok(findings)
    }

    /// Has every owner compare the copies of what it owns, when all is quiet: none may differ.
    ///
    /// # Errors
    /// When a database does not read.
    pub async fn reconcile(&mut self) -> Result<Vec<Finding>, Error> {
        let run = event::fresh_uuid();
        for member in self.members.clone().iter() {
            step::look(&member.service, &member.db, run).await?;
        }
        let mut findings = self.drain().await?;
        for member in self.members.iter() {
            for found in step::comparisons(&member.db).await? {
                if found.run == run && (found.drift() > 0 || !found.is_complete()) {
                    findings.push(format!("copies of {}: {found:?}", member.service.name()));
                }
            }
        }
        Ok(findings)
    }

    async fn work_until_quiet(&mut self) {
        for _ in 0..PASSES {
            let mut is_quiet = self.standing.is_empty();
            while !self.standing.is_empty() {
                self.standing[0].step.calm();
                self.resume(0).await;
            }
            for process in 0..self.processes.len() {
                for lane in 0..self.processes[process].lanes.len() {
                    is_quiet &= !self.work(process, lane).await;
                }
            }
            if is_quiet {
                return;
            }
        }
    }

    async fn waiting(&self) -> Result<usize, Error> {
        let mut waiting = self.transport.held();
        for member in self.members.iter() {
            waiting += books::waiting(&member.db).await?;
        }
        Ok(waiting)
    }

    /// A new life, with nothing of the one before in memory.
    fn start(&mut self, process: usize) {
        let mut lanes = Vec::new();
        for member in self.processes[process].members.iter().map(|one| &self.members[*one]) {
            let db = member.db.in_another_process();
            lanes.extend(lanes::of_service(&member.service, &db));
            if self.is_old {
                lanes.push(lanes::of_retention(&member.service, &db));
            }
        }
        self.processes[process].lanes = lanes;
    }

    fn pass_time(&mut self) {
        let seconds = match self.random.random_range(0..100) {
            0..60 => self.random.random_range(1..3),
            60..90 => self.random.random_range(3..40),
            90..98 => self.random.random_range(40..600),
            _ => 3600,
        };
        self.clock.advance(TimeDelta::seconds(seconds));
        self.tell(format!("{seconds} s pass"));
    }

    fn cut(&mut self) {
        if self.rates.is_calm() {
            return;
        }
        self.transport.cut();
        self.tell("all connections are cut".to_owned());
    }

    fn kill_any(&mut self) {
        if self.rates.is_calm() {
            return;
        }
        let process = self.random.random_range(0..self.processes.len());
        self.kill(process);
    }

    /// All that a process had in memory and in hand is gone, and it starts again.
    fn kill(&mut self, process: usize) {
        self.standing.retain(|standing| standing.process != process);
        self.start(process);
        self.tell(format!("process {process} dies and starts again"));
    }

    /// Somebody works; whoever finds nothing to do leaves it to the next.
    async fn work_any(&mut self) {
        for _ in 0..DRAWS {
            if self.work_one().await {
                return;
            }
        }
    }

    async fn work_one(&mut self) -> bool {
        let process = self.random.random_range(0..self.processes.len());
        let lanes = &self.processes[process].lanes;
        let able: Vec<usize> =
            (0..lanes.len()).filter(|one| lanes[*one].may_have_work(&self.transport)).collect();
        if able.is_empty() {
            return false;
        }
        let lane = able[self.random.random_range(0..able.len())];
        self.work(process, lane).await
    }

    /// Takes a lane's next step. Gives whether it did something.
    async fn work(&mut self, process: usize, lane: usize) -> bool {
        let lane = &self.processes[process].lanes[lane];
        if !lane.may_have_work(&self.transport) || (lane.is_retention() && self.holds_any()) {
            return false;
        }
        let name = lane.name.clone();
        let Some(future) = lane.step(&self.transport, self.mutation) else {
            return false;
        };
        self.take(process, name, future).await
    }

    /// Whether somebody has in hand what they took or read before. They have it for minutes at most, and what
    /// retention throws away is a month old: nobody holds anything over both.
    fn holds_any(&self) -> bool {
        let mut lanes = self.processes.iter().flat_map(|process| &process.lanes);
        !self.standing.is_empty() || lanes.any(Lane::holds)
    }

    async fn take(&mut self, process: usize, name: String, future: StepFuture) -> bool {
        let course = Course::new(self.random.random(), self.rates);
        self.drive(Standing { process, name, step: Step::new(future, course) }).await
    }

    async fn resume_any(&mut self) {
        let chosen = self.random.random_range(0..self.standing.len());
        self.resume(chosen).await;
    }

    async fn resume(&mut self, chosen: usize) {
        let mut standing = self.standing.remove(chosen);
        if !standing.name.ends_with(", goes on") {
            standing.name.push_str(", goes on");
        }
        self.drive(standing).await;
    }

    async fn drive(&mut self, mut standing: Standing) -> bool {
        let (came, notes) = standing.step.drive().await;
        let said = match &came {
            Came::Done(said) => said.clone(),
            Came::Crashed | Came::Paused => String::new(),
        };
        let did_something = !(said.is_empty() && notes.is_empty());
        if did_something {
            let (process, name) = (standing.process, &standing.name);
            self.tell(format!("{process} {name}: {said} [{}]", notes.join("; ")));
        }
        match came {
            Came::Done(_) => {}
            Came::Paused => self.standing.push(standing),
            Came::Crashed => {
                let process = standing.process;
                drop(standing);
                self.kill(process);
            }
        }
        did_something
    }
}

impl Process {
    fn of(members: Vec<usize>) -> Self {
        Self { members, lanes: Vec::new() }
    }
}

fn groups(topology: Topology, members: usize) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..members).collect();
    match topology {
        Topology::Together => vec![all],
        Topology::Twins => vec![all.clone(), all],
        Topology::Apart => all.into_iter().map(|one| vec![one]).collect(),
    }
}

/// One in eight seeds plays a day on which nothing goes wrong.
fn draw_rates(random: &mut StdRng) -> Rates {
    if random.random_ratio(1, 8) {
        return Rates::NONE;
    }
    Rates {
        error: random.random_range(0..15),
        crash: random.random_range(0..6),
        pause: random.random_range(0..30),
        lie: 0,
    }
}

fn draw_manners(random: &mut StdRng) -> Manners {
    let rough = random.random_range(0..4);
    let mut rate = |most: u32| random.random_range(0..=most) * rough / 3;
    Manners {
        lost: rate(150),
        unanswered: rate(150),
        doubled: rate(150),
        late: rate(150),
        unsettled: rate(200),
        lie: 0,
    }
}
