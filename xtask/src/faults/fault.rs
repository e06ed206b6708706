//! What can happen. How it is done is in `strike`.

use super::Broker;

/// Something that happens to a platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    Nothing,
    Kill,
    KillAt(Point),
    Terminate,
    DiskFull,
    BrokerKilled,
    BrokerFrozen,
    BrokerAlarm,
    LeaderKilled,
    DatabaseRestarted,
    DatabaseKilled,
    DatabaseSilent,
    MailPutOff,
    MailRefused,
    MailHangs,
    MailDiesAfterYes,
}

/// Where a process dies by its own hand: as a kill -9 at exactly this moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Point {
    BeforeCommit,
    AfterCommit,
    BeforeAck,
    AfterAck,
    SentNotMarked,
    PerformedNotRecorded,
}

/// What a platform stands on beside its broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// Mails go into a folder.
    Folder,
    /// Mails go to a server.
    MailServer,
    /// Mails go into a folder, and all of it lies on a disk that can be filled.
    SmallDisk,
    /// Mails go to a server, and the way to the database is one that can fall silent.
    Proxy,
}

use Fault::{
    BrokerAlarm, BrokerFrozen, BrokerKilled, DatabaseKilled, DatabaseRestarted, DatabaseSilent,
    DiskFull, Kill, KillAt, LeaderKilled, MailDiesAfterYes, MailHangs, MailPutOff, MailRefused,
    Nothing, Terminate,
};

pub const ALL: [Fault; 21] = [
    Nothing,
    Kill,
    KillAt(Point::BeforeCommit),
    KillAt(Point::AfterCommit),
    KillAt(Point::BeforeAck),
    KillAt(Point::AfterAck),
    KillAt(Point::SentNotMarked),
    KillAt(Point::PerformedNotRecorded),
    Terminate,
    DiskFull,
    BrokerKilled,
    BrokerFrozen,
    BrokerAlarm,
    LeaderKilled,
    DatabaseRestarted,
    DatabaseKilled,
    DatabaseSilent,
    MailPutOff,
    MailRefused,
    MailHangs,
    MailDiesAfterYes,
];

impl Fault {
    pub fn name(self) -> &'static str {
        match self {
            Nothing => "nothing",
            Kill => "kill",
            KillAt(Point::BeforeCommit) => "kill-before-commit",
            KillAt(Point::AfterCommit) => "kill-after-commit",
            KillAt(Point::BeforeAck) => "kill-before-ack",
            KillAt(Point::AfterAck) => "kill-after-ack",
            KillAt(Point::SentNotMarked) => "kill-sent-not-marked",
            KillAt(Point::PerformedNotRecorded) => "kill-performed-not-recorded",
            Terminate => "terminate",
            DiskFull => "disk-full",
            BrokerKilled => "broker-killed",
            BrokerFrozen => "broker-frozen",
            BrokerAlarm => "broker-alarm",
            LeaderKilled => "leader-killed",
            DatabaseRestarted => "database-restarted",
            DatabaseKilled => "database-killed",
            DatabaseSilent => "database-silent",
            MailPutOff => "mail-4xx",
            MailRefused => "mail-5xx",
            MailHangs => "mail-hangs",
            MailDiesAfterYes => "mail-dies-after-yes",
        }
    }

    /// What a reader of the table wants to know.
    pub fn description(self) -> &'static str {
        match self {
            Nothing => "nothing happens",
            Kill => "kill -9 of every process, one after the other",
            KillAt(Point::BeforeCommit) => "every process dies just before a commit",
            KillAt(Point::AfterCommit) => "… just after a commit",
            KillAt(Point::BeforeAck) => "… just before its acknowledgement",
            KillAt(Point::AfterAck) => "… just after its acknowledgement",
            KillAt(Point::SentNotMarked) => "… after sending, before the outbox knows",
            KillAt(Point::PerformedNotRecorded) => {
                "… after a mail or a PDF, before that is recorded"
            }
            Terminate => "SIGTERM to all services at once",
            DiskFull => "the disk is full for 8 s",
            BrokerKilled => "kill -9 of RabbitMQ, started again after 2 s",
            BrokerFrozen => "RabbitMQ stopped by SIGSTOP for 25 s",
            BrokerAlarm => "RabbitMQ's memory alarm for 8 s",
            LeaderKilled => "kill -9 of the node that leads, and it stays away",
            DatabaseRestarted => "PostgreSQL restarted",
            DatabaseKilled => "kill -9 of PostgreSQL, started again after 1 s",
            DatabaseSilent => "every open connection to PostgreSQL falls silent, and stays so",
            MailPutOff => "the mail server answers 451 for 8 s",
            MailRefused => "the mail server answers 550 for 3 s",
            MailHangs => "the mail server says nothing for 12 s, then hangs up",
            MailDiesAfterYes => "the mail server takes mails and dies before saying so, for 3 s",
        }
    }

    pub fn happens_on(self, broker: Broker) -> bool {
        match self {
            DiskFull => broker == Broker::Embedded,
            BrokerKilled | BrokerFrozen | BrokerAlarm | DatabaseRestarted | DatabaseKilled
            | DatabaseSilent => broker == Broker::Rabbitmq,
            LeaderKilled => broker == Broker::Cluster,
            _ => broker != Broker::Cluster,
        }
    }

    pub fn ground(self, broker: Broker) -> Ground {
        match self {
            DiskFull => Ground::SmallDisk,
            DatabaseSilent => Ground::Proxy,
            MailPutOff | MailRefused | MailHangs | MailDiesAfterYes => Ground::MailServer,
            _ if broker == Broker::Embedded => Ground::Folder,
            _ => Ground::MailServer,
        }
    }

    pub fn is_in_the_short_run(self, broker: Broker) -> bool {
        match broker {
            Broker::Embedded => matches!(self, KillAt(Point::AfterCommit) | DiskFull),
            Broker::Rabbitmq => matches!(self, BrokerKilled | DatabaseKilled | MailDiesAfterYes),
            Broker::Cluster => false,
        }
    }
}

impl Point {
    /// As `ESTRADE_FAULT` names it.
    pub fn name(self) -> &'static str {
        KillAt(self).name().trim_start_matches("kill-")
    }

    /// At which of its passes a service dies: drawn between these two. All come to every point, some of
    /// them only when somebody asks for an export, and so seldom.
    pub fn passes(self, service: &str) -> (u64, u64) {
        let is_seldom = match self {
            Self::BeforeCommit | Self::AfterCommit | Self::BeforeAck | Self::AfterAck => {
                service == "catalog"
            }
            Self::SentNotMarked => matches!(service, "catalog" | "insight"),
            Self::PerformedNotRecorded => !matches!(service, "certification" | "notification"),
        };
        match (self, is_seldom) {
            // The first few are those of its start.
            (Self::BeforeCommit | Self::AfterCommit, false) => (4, 14),
            (Self::BeforeCommit | Self::AfterCommit, true) => (4, 8),
            (_, false) => (1, 4),
            (_, true) => (1, 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_fault_has_a_name_of_its_own_and_happens_somewhere() {
        let names: BTreeSet<_> = ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), ALL.len());
        for fault in ALL {
            let on = [Broker::Embedded, Broker::Rabbitmq, Broker::Cluster];
            assert!(on.into_iter().any(|broker| fault.happens_on(broker)), "{fault:?}");
        }
    }

    #[test]
    fn a_proxy_stands_where_there_is_a_postgresql_and_nobody_waits_for_it_in_the_short_run() {
        let proxied = |fault: &Fault| fault.ground(Broker::Rabbitmq) == Ground::Proxy;
        let faults: Vec<Fault> = ALL.into_iter().filter(proxied).collect();
        assert_eq!(faults, [DatabaseSilent]);
        assert!(!DatabaseSilent.happens_on(Broker::Embedded));
        assert!(!DatabaseSilent.is_in_the_short_run(Broker::Rabbitmq));
    }
}
