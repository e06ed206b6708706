# What services are for
service-identity = accounts, roles, signing in
service-catalog = courses and lessons
service-learning = enrolments and progress
service-assessment = quizzes and marks
service-certification = certificates
service-notification = mails, push, inbox
service-insight = search and timelines

# Ages and rates
age-seconds = { $count } s
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
age-about = about { $age }
age-unknown = unknown
rate = { $count }/s

# States
state-well = Well
state-retrying = Tries again
state-behind = Behind
state-dead = Dead letters wait
state-silent = No answer

# The pages side by side
tabs = Operations
tab-overview = Queues
tab-dead = Dead letters
tab-people = A person
tab-copies = Copies
tab-picture = Picture
tab-health = Health

# Columns
column-service = Service
column-purpose = Purpose
column-state = State
column-handler = Handler
column-effect = Job outside
column-job = Job
column-waiting = Waiting
column-in-hand = In hand
column-oldest = Oldest
column-rate = Rate
column-retrying = Tried again
column-dead = Dead
column-outbox = To be sent
column-lag = Behind by
column-letter = Letter
column-died = Given up
column-decided = Decided
column-reason = Reason
column-attempts = Attempts
column-cause = Cause
column-kind = Copies of
column-follower = Held by
column-when = Compared
column-compared = How many
column-found = Found
column-repaired = Repaired
column-left = Left
column-part = Part
column-sent = Sent in a minute
column-taken = Taken in a minute
column-queues = Queues
column-event = Event
column-since = Since
column-next = Next try

# Overview
operations-title = Operations
services-title = Services
service-elsewhere = Another process runs it: follow the link.
service-title = Service { $service }
service-dead = { $count ->
    [one] Dead letters, of one cause
   *[other] Dead letters, of { $count } causes
}
service-copies = { $count ->
    [0] It holds no copies; others hold copies of what it owns.
    [one] It holds copies of one kind.
   *[other] It holds copies of { $count } kinds.
}
service-copies-link = How they stand
handlers-of = Handlers of { $service }
effects-of = Jobs outside of { $service }
transport-silent = The queues do not answer. What is published waits in the outboxes and goes on when they are back.
queues-silent = { $count ->
    [one] One queue does not answer: what waits in it is not known. What is published for it waits in the outboxes and goes on when it is back.
   *[other] { $count } queues do not answer: what waits in them is not known. What is published for them waits in the outboxes and goes on when they are back.
}
explain-title = What the columns mean
explain-waiting = Events in the queue that no one has taken yet. A question mark says that the queue does not answer.
explain-oldest = How long the oldest of them has waited. With more than a minute, the handler is behind.
explain-outbox = Events that the service has written down and the queues do not have yet.
explain-retrying = Events that a handler could not take, and jobs outside that did not go. They are tried again by themselves, later and later.
explain-dead = Events that were tried too often. They wait until somebody replays or discards them.
retries-title = What waits to be tried again
retries-jobs = Jobs outside that are tried again

# Dead letters
dead-title = Dead letters
dead-title-of = Dead letters of { $service }
dead-explained = What was tried too often waits here, sorted by its cause. Mend the cause first; then give the letters once more to whoever gave up on them.
dead-none = No dead letter waits.
dead-none-of = No dead letter of { $services } waits.
dead-count = { $letters ->
    [one] { $letters } letter
   *[other] { $letters } letters
}, { $people ->
    [0] about nobody
    [one] about { $people } person
   *[other] about { $people } people
}
dead-first = first on
dead-last = last on
dead-show = Show the letters
dead-show-of = Show the letters of { $consumer }
dead-example = Newest
dead-replay-group = Once more
dead-discard-group = Discard
dead-replay-all = All of this service once more
dead-discard-all = Discard all of this service
dead-all = Dead letters of all services
settled-title = Letters that were decided about
settled-title-of = Letters of { $service } that were decided about
settled-explained = What was given once more or discarded, the latest decision first. It is kept for a time, as a rule ninety days.
settled-none = No letter was decided about yet.
settled-none-of = No letter of { $services } was decided about yet.
settled-waiting = Letters that wait for a decision
settled-by-command = on the command line
dead-replayed = { $count ->
    [0] No letter is tried again.
    [one] One letter is tried again.
   *[other] { $count } letters are tried again.
}
dead-unreadable = { $count ->
    [one] One can never be read and still waits: discard it.
   *[other] { $count } can never be read and still wait: discard them.
}
dead-nobody-there = { $count ->
    [one] Nobody takes one of them any more, and it still waits: discard it.
   *[other] Nobody takes { $count } of them any more, and they still wait: discard them.
}
dead-discarded = { $count ->
    [0] No letter was discarded.
    [one] One letter was discarded. The reason is kept.
   *[other] { $count } letters were discarded. The reason is kept.
}
letters-title = Letters of one cause
letters-older = Older letters
letter-title = A dead letter
letter-waiting = Waits for a decision
letter-replayed = Was given once more
letter-discarded = Was discarded
letter-by = who decided
letter-reason = Reason:
letter-about = About
letter-id = Id
letter-trace = Trace
letter-content = Content
letter-hidden = Names, addresses and texts of people are hidden. An administrator who is an operator too sees them.
letter-bytes = { $count } bytes that are no event
letter-cut = Only the beginning is shown. The whole stands in the JSON API, and “estrade dead show” prints it.
letter-replay = Once more
letter-discard = Discard

# Deciding
decide-all = { $count ->
    [one] The only letter of { $service }.
   *[other] All { $count } letters of { $service }.
}
decide-group = { $count ->
    [one] One letter of { $service }, the only one of its cause.
   *[other] { $count } letters of { $service } of the same cause.
}
decide-one = { $count ->
    [one] One letter of { $service }.
   *[other] One event, given up by { $count } handlers of { $service }.
}
decide-back = Back, without deciding
replay-title = Give dead letters once more
replay-explained = They go to the handlers that gave up on them, and to nobody else, with all their attempts before them.
replay-rehearse = Try first what would happen
replay-rehearse-hint = Handlers run and all they write is undone. No mail leaves the platform.
replay-button = Give them once more
rehearsal-title = What would happen
rehearsal-summary = Nothing was changed. Of { $count }, { $tried } were tried: { $good } would go.
rehearsal-untried = { $count ->
    [one] One is a job that would be done again, which was not tried.
   *[other] { $count } are jobs that would be done again, which was not tried.
}
rehearsal-succeeds = Would succeed
rehearsal-performed = Would be done again: not tried
rehearsal-fails = Would fail again
rehearsal-unreadable = Can never be read
rehearsal-deadly = Took its process down each time: not tried here
rehearsal-nobody = Nobody takes it any more
rehearsal-rows = { $count ->
    [0] would write nothing
    [one] would write one row
   *[other] would write { $count } rows
}
rehearsal-inserted = { $table }: { $count ->
    [one] one row inserted
   *[other] { $count } rows inserted
}
rehearsal-inserted-or-updated = { $table }: { $count ->
    [one] one row inserted or updated
   *[other] { $count } rows inserted or updated
}
rehearsal-updated = { $table }: { $count ->
    [one] one row updated
   *[other] { $count } rows updated
}
rehearsal-deleted = { $table }: { $count ->
    [one] one row deleted
   *[other] { $count } rows deleted
}
rehearsal-publishes = would tell { $event } ({ $count })
rehearsal-requests = would ask for { $effect } ({ $count })
discard-title = Discard dead letters
discard-explained = They are put aside for good: what they were about is not done. The reason is kept with them, and who gave it.
discard-reason = Why
discard-reason-hint = Whoever looks later will want to know. 2,000 characters at most.
discard-reason-wrong = Say why, in 2,000 characters at most.
discard-button = Discard them

# A person
people-title = What became of a person’s matters
people-explained = Everything that happened to somebody across the services, and for each thing that did not happen, why.
people-words = Name, mail address or id
people-id = Id of the account
people-button = Search
people-none = Nobody has this name, mail address or id.
people-elsewhere = Accounts are searched by the process of identity. Here, give the id of an account.
people-found = { $count ->
    [one] One person
   *[other] { $count } people
}
timeline-title = Timeline of a person
timeline-no-account = No account: erased, or never opened here.
timeline-account-elsewhere = The account is known to the process of identity.
timeline-next = next at
timeline-letter = look at the dead letter
timeline-nothing = Nothing of this person stands here.
timeline-whole = The timeline across all services
colon = {": "}
came-waiting = Waits
came-not = Not done
came-uncertain = Nobody can tell
came-dead = Given up
came-count-done = { $count } done
came-count-waiting = { $count } waiting
came-count-not = { $count } not done
came-count-uncertain = { $count } uncertain
came-count-dead = { $count } given up

# The timeline’s lines, on the command line too
timeline-message = { $about }, { $channel }
timeline-message-of = { $about } (“{ $course }”), { $channel }
timeline-about-enrolment = Message about an enrolment
timeline-about-lesson = Message about a new lesson
timeline-about-mark = Message about a mark
timeline-about-certificate = Message with a certificate
timeline-about-revocation = Message about a certificate that no longer holds
timeline-about-essays = Message about essays to mark
timeline-about-other = Message “{ $kind }”
timeline-by-mail = by mail
timeline-by-push = by push
timeline-to-inbox = to the inbox
timeline-sent = { $what }: sent
timeline-not-sent = { $what } not sent
timeline-not-sent-yet = { $what } not sent yet
timeline-perhaps-sent = { $what } may have been sent
timeline-why-preference = the person switched this off (preference)
timeline-why-no-device = no device of the person is registered for push
timeline-why-erased = the account was erased
timeline-why-on-purpose = on purpose
timeline-why-quiet-hours = waiting for the end of quiet hours
timeline-why-no-job = no job for it is left: run `estrade doctor`
timeline-why-later = it is for later
timeline-why-unsent = the transport does not have it yet
timeline-why-at-work = somebody is at it
timeline-why-its-turn = waiting for its turn
timeline-remedy-uncertain = it is not sent again by itself: ask the person
timeline-remedy-refused = refused for good, and not tried again: the address may be dead
timeline-remedy-unsent = see that { $service } runs and the broker is there: `estrade doctor`
timeline-remedy-dead = dead letter { $id } of group { $group }: mend the cause, then `estrade dead replay { $id }`
timeline-discarded = given up: { $reason } ({ $why })
timeline-untold = { $event } not told yet
timeline-untaken-yet = { $event } not taken yet by { $handler }
timeline-untaken = { $event } not taken by { $handler }
timeline-undone-yet = { $effect } { $key } not done yet
timeline-undone = { $effect } { $key } not done
timeline-after = after { $count ->
    [one] { $count } attempt
   *[other] { $count } attempts
}: { $cause }

# Copies
copies-title = Copies
copies-title-of = Copies: { $service }
copies-explained = Each service keeps its own copy of what it needs of another. Every six hours the copies are held against their owners, and what differs is mended by itself. Here you see what the last comparison of each found, and can have them compared now.
copies-last = The last comparison of each
copies-never = Not compared yet
copies-in-step = In step
copies-under-way = Under way
copies-drift = { $count ->
    [one] { $count } differed
   *[other] { $count } differed
}
copies-missing = { $count } missing
copies-older = { $count } older
copies-differing = { $count } different
copies-newer = { $count } newer
copies-surplus = { $count } too many
copies-none = No copies are held here.
copies-owners = Its copies are compared when their owners begin it, by themselves or on these pages:
copies-all = Copies of all services
copies-ask = Have everything sent anew
copies-ask-hint = The owners send their present state to this service alone. Nobody is told anything twice.
copies-asked = Asked. The owners send what they have; it appears under “Waiting” and is taken from there.
repair-button = Compare and repair now
repair-began = begun
repair-ended = ended
repair-details = Line by line
repair-under-way = The copies are being compared and repaired. This page shows when it is done.
repair-broken-off = The repair broke off. Why is in the log; try again.
repair-nothing = All copies are in step with their owners. There was nothing to repair.
repair-done = { $count ->
    [one] One copy was repaired. All are in step now.
   *[other] { $count } copies were repaired. All are in step now.
}
repair-here = { $count ->
    [0] All that was compared here is in step.
    [one] One copy was repaired. All that was compared here is in step now.
   *[other] { $count } copies were repaired. All that was compared here is in step now.
}
repair-asked = Whoever holds copies in another process was asked to compare them and have mended what differs. What they find stands on their own pages, below.
repair-of = Of what { $service } owns
repair-left = { $count ->
    [0] Some followers gave no answer in time. See what waits in their queues.
    [one] One copy still differs. See the dead letters for what could not be taken.
   *[other] { $count } copies still differ. See the dead letters for what could not be taken.
}
repair-no-answer = no answer

# Health
health-title = Health
health-explained = What the command “estrade doctor” finds: it looks at what the platform needs, and says what to do where it is missing.
health-summary = { $count ->
    [0] All is well.
    [one] One thing needs somebody to look.
   *[other] { $count } things need somebody to look.
}
health-examined = Examined
health-under-way = The platform is being examined. What is found appears here.
health-broken-off = The examination broke off. Why is in the log; look again.
health-again = Look again
health-ok = Well
health-warning = Look
health-failed = Wrong

# The picture
picture-title = Events on their way
picture-explained = No service ever calls another. A service that has something to say writes it down with its own data and hands it to the exchange; the exchange puts a copy into each queue that wants it. Each service takes from its queues in its own time.
picture-description = On the left each service with its outbox, in the middle the exchange, on the right each service with its queues. A line leads from each outbox into the exchange, and one from the exchange to each queue; events travel along them. The table below says the same.
picture-caption = What moves here really moves: { $transport }.
picture-outboxes = Each service’s outbox
picture-exchange = Exchange
picture-exchange-words = a copy for each listener
picture-queues = The queues, one for each handler, with what waits
picture-services = Who takes it
picture-to-send = { $count ->
    [0] nothing to send
   *[other] { $count } to send
}
picture-key-event = An event, in the colour of the service that says it
picture-key-queue = A queue and how many wait
picture-key-waits = Something waits
picture-key-dead = Dead letters (▲ how many)
picture-key-elsewhere = Broken lines: another process runs the service.
picture-pause = Pause
picture-slow = Slow motion
picture-present = Full screen
picture-idle = Nothing moves at the moment. Enrol in a course, read a lesson or submit a quiz in another window, and look.
picture-table = The same as a table
picture-moves = What moved last
picture-quiet = Nothing has moved for a while.
move-sent = { $by } says { $event }{ $count ->
    [one] {""}
   *[other] {" "}({ $count } times)
}
move-taken = { $by } takes { $event }{ $count ->
    [one] {""}
   *[other] {" "}({ $count } times)
}

# What the doctor finds, on the command line too
doctor-data-folder = data folder
doctor-mail-folder = mail folder
doctor-writable = { $what }: { $path } can be written
doctor-not-writable = { $what }: { $path } cannot be written: { $error }
doctor-not-writable-remedy = give a folder that can be with --data, or make room on the disk
doctor-room = { $megabytes } MB free ({ $percent } %)
doctor-room-full = make room now: databases that cannot grow refuse every request and every event
doctor-room-little = make room, or move --data to a larger disk
doctor-room-unknown = the room left at { $path } is not known: { $error }
doctor-room-unknown-remedy = look with `df`
doctor-key-reads = the key that seals sessions reads
doctor-key-wrong = the key that seals sessions does not read: { $error }
doctor-key-remedy = restore data/secret.key from a backup, or set `secret`; a new key signs everybody out
doctor-mails-to-folder = mails are written as .eml files and not sent; set mail.smtp to send them
doctor-mail-greets = { $server } greets and lets us in
doctor-mail-remedy = check mail.smtp (host, port, user, password, TLS), and certificate_authorities if its certificate is not trusted; mails wait and are tried again meanwhile
doctor-database-remedy = check --database, that PostgreSQL is up, and that the user may connect
doctor-schema-complete = { $service }: { $server }, { $count } migrations applied, none missing
doctor-schema-absent = { $service }: { $server }, empty: the first `estrade serve` makes it
doctor-schema-behind = { $service }: not applied yet: { $steps }
doctor-schema-behind-remedy = start `estrade serve` of this version: it applies them
doctor-schema-ahead = { $service }: a newer version applied { $steps }
doctor-schema-ahead-remedy = run that version, or restore the backup made before it
doctor-clock-one = one machine, one clock
doctor-clock-off = PostgreSQL's clock and this machine's differ by { $milliseconds } ms
doctor-clock-remedy = set both by NTP: leases and due times are compared by clocks
doctor-unreadable = { $service }: cannot be read: { $error }
doctor-unreadable-remedy = check the disk, and restore the newest backup if the file is damaged
doctor-outbox = { $name }: { $count ->
    [one] { $count } event
   *[other] { $count } events
} not sent, the oldest for { $age }
doctor-outbox-remedy = see that `estrade serve { $service }` runs and reaches the transport
doctor-retries = { $name }: { $count ->
    [one] { $count } event
   *[other] { $count } events
} tried again, the oldest for { $age }
doctor-retries-remedy = look why with `estrade queues` and the log; what is tried too often becomes a dead letter
doctor-dead = { $name }: { $count ->
    [one] { $count } dead letter
   *[other] { $count } dead letters
}, the oldest for { $age }
doctor-dead-remedy = look at them with `estrade dead list`, then replay or discard them
doctor-jobs = { $name }: { $count ->
    [one] { $count } job
   *[other] { $count } jobs
} not done, the oldest due for { $age }
doctor-failing = { $name }: { $count ->
    [one] { $count } job failed and is
   *[other] { $count } jobs failed and are
} tried again, up to { $attempts } times so far
doctor-jobs-remedy = see that `estrade serve { $service }` runs; `estrade queues` and its log say why a job does not go (a mail server that puts off, a folder that cannot be written)
doctor-orphan = { $name }: this version has no such handler or effect, and nobody takes what is left of it (in its queue: { $ready }; to be tried again or done: { $waiting })
doctor-orphan-remedy = where no earlier version runs any more, `estrade queues --forget { $name }` takes its queue away and makes dead letters of what waits
doctor-drift = { $service }: { $count } of { $compared } copies of { $kind } were not as their owner’s, { $age } ago
doctor-drift-remedy = what differed was asked for at once; see with `estrade reconcile` that all are in step now
doctor-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
doctor-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
doctor-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
doctor-front-ready = the platform at { $address } is ready
doctor-front-not-ready = the platform at { $address } is { $status }: { $parts }
doctor-front-not-ready-remedy = see what is said here of these parts, and the log of that process
doctor-front-stranger = something answers at { $address } (status { $status } for /health/ready), but not as a platform does
doctor-front-stranger-remedy = have the reverse proxy lead /health/ready to a service, or see that nothing else listens there
doctor-front-default = nothing answers at { $address }, the default address: no platform runs here, or it listens elsewhere
doctor-front-nothing = nothing answers at { $address }: { $cause }
doctor-front-nothing-remedy = see that `estrade serve` and the reverse proxy run, and that base_url (or listen) is right; this machine must reach that address too
doctor-queue-absent = the embedded queue is not there yet: the first `estrade serve` makes it
doctor-blocked-remedy = make room there; until then events wait in the outboxes
doctor-unreachable-remedy = check --broker and that RabbitMQ is up; until then events wait in the outboxes
doctor-answers = { $place } answers
doctor-answers-version = { $place } answers, version { $version }
doctor-version-remedy = use RabbitMQ 3.10 or later: older ones lack what is relied on
doctor-queues = { $count } queues as declared
doctor-queues-none = none of { $count } queues is there
doctor-queues-missing = not there: { $queues }
doctor-queues-remedy = start `estrade serve`: it declares them; what is published before is unroutable
doctor-bindings = whether the queues are bound to their events was not checked: AMQP cannot list bindings
doctor-bindings-cause = whether the queues are bound to their events was not checked: { $cause }
doctor-bindings-remedy = give `broker_management`, the address of RabbitMQ’s management API, or look with `rabbitmqctl list_bindings -p VHOST` and compare with `estrade events`; the next start of any service binds what is missing
doctor-untaken = { $queue }: { $count ->
    [one] { $count } event waits
   *[other] { $count } events wait
}, and nobody takes from this queue
doctor-waits-long = { $queue }: { $count ->
    [one] { $count } event waits
   *[other] { $count } events wait
}, the oldest for { $age }
doctor-untaken-remedy = start `estrade serve { $service }`; if it runs, its log says why it takes nothing
doctor-queue-bound-remedy = start `estrade serve` again: it binds what is missing, and the embedded queue lets go of what is too much; on RabbitMQ unbind that by hand, once no earlier version runs
doctor-queue-different-remedy = stop the services, see that the queue is empty, delete it, and start them again
doctor-queue-silent-remedy = see that most nodes of the cluster are up; events for it wait in the outboxes
doctor-kept = { $queue } keeps { $count }: { $meaning }
doctor-kept-remedy = see which with the broker's own tools; `estrade resend` tells a follower anew
doctor-kept-absent-remedy = start `estrade serve`: it declares it
doctor-empty = { $queue } is empty
