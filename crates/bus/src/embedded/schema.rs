//! The tables of the queue file.

/// "ESTQ": what the file says it is.
pub const APPLICATION: i64 = 0x4553_5451;

/// Raised whenever the tables change; an older program refuses a newer file.
pub const FORMAT: i64 = 1;

/// Bodies are written once and never again: who holds a message stands in `claim`, whose rows are
/// small, so that taking and giving back cost the same for one byte as for a megabyte.
/// A message without a claim has never been handed out; a claim without an owner was given back.
pub const TABLES: &str = "
create table if not exists topology (
    one integer primary key check (one = 1),
    version integer not null
);
insert into topology values (1, 1) on conflict do nothing;
create table if not exists queue (
    id integer primary key,
    name text not null unique,
    -- how often something came, for those who wait in other processes
    stirred integer not null default 0
);
create table if not exists binding (
    queue integer not null references queue on delete cascade,
    event_type text not null,
    primary key (queue, event_type)
) without rowid;
create table if not exists message (
    seq integer primary key autoincrement,
    queue integer not null references queue,
    sent_at integer not null,
    envelope text not null
);
create index if not exists message_of_queue on message (queue, seq);
create table if not exists claim (
    seq integer primary key references message on delete cascade,
    queue integer not null,
    owner integer,
    lease_until integer not null,
    deliveries integer not null
);
";

/// ?1 queue, ?2 owner, ?3 now, ?4 no honest lease goes beyond this (the clock was set back),
/// ?5 how many, ?6 how many bytes, ?7 the new lease.
/// One's own claims are left alone however late their renewal: they are being worked on.
pub const CLAIM: &str = "
insert into claim (seq, queue, owner, lease_until, deliveries)
select seq, ?1, ?2, ?7, 1 from (
    select seq, size, sum(size) over (order by seq rows unbounded preceding) as total from (
        select message.seq as seq, octet_length(message.envelope) as size
        from message indexed by message_of_queue left join claim on claim.seq = message.seq
        where message.queue = ?1
          and (claim.seq is null
               or (claim.owner is not ?2 and claim.lease_until not between ?3 and ?4))
        order by message.seq limit ?5))
where total - size < ?6
on conflict (seq) do update set
    owner = excluded.owner, lease_until = excluded.lease_until, deliveries = deliveries + 1
returning seq, deliveries, (select envelope from message where message.seq = claim.seq)";

/// ?1 seqs as JSON, ?2 owner. The claims go with their messages.
pub const SETTLE: &str = "
delete from message where seq in (
    select claim.seq from json_each(?1) as tag join claim on claim.seq = tag.value
    where claim.owner = ?2)";

/// ?1 owners as JSON, ?2 the new lease.
pub const RENEW: &str =
    "update claim set lease_until = ?2 where owner in (select value from json_each(?1))";

/// ?1 owner.
pub const GIVE_BACK: &str =
    "update claim set owner = null, lease_until = 0 where owner = ?1 returning queue";

/// ?1 queue, ?2 how many.
pub const KEEP_THE_NEWEST: &str = "
delete from message where queue = ?1 and seq <= (
    select seq from message where queue = ?1 order by seq desc limit 1 offset ?2)";

/// ?1 queues as JSON.
pub const STIR: &str = "
update queue set stirred = stirred + 1 where id in (select value from json_each(?1))
returning id, stirred";

/// ?1 now, ?2 as in [`CLAIM`].
pub const EXPIRED: &str =
    "select distinct queue from claim where lease_until not between ?1 and ?2";

/// ?1 names of queues as JSON, ?2 now, ?3 no honest lease goes beyond this. Claims have no index by queue,
/// which each of them would pay for: they are few, and counted once for all queues.
pub const DEPTHS: &str = "
select queue.name,
       (select count(*) from message where message.queue = queue.id),
       coalesce(held.count, 0),
       (select message.sent_at
        from message indexed by message_of_queue left join claim on claim.seq = message.seq
        where message.queue = queue.id
          and (claim.seq is null or claim.lease_until not between ?2 and ?3)
        order by message.seq limit 1)
from queue left join (
    select claim.queue, count(*) as count from claim
    where lease_until between ?2 and ?3 group by claim.queue) held on held.queue = queue.id
where queue.name in (select value from json_each(?1))";

pub const QUEUES: &str = "
select name from queue
where exists (select 1 from binding where binding.queue = queue.id)
   or exists (select 1 from message where message.queue = queue.id)
order by name";
