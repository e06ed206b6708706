//! The schema of `learning`.

use bus::Migration;

pub(crate) const MIGRATIONS: &[Migration] =
    &[ENROLMENTS, STEP, TEACHING, ROSTERS, ROSTER_INDEXES, COVERING_ROSTERS, SUBMISSIONS];

/// A learner is seen when they hand an attempt in, and not when somebody marks it. Of earlier attempts it is
/// known only where a machine graded them, which it does at once; not of essays, nor of corrected marks.
const SUBMISSIONS: Migration = Migration {
    name: "0008-submissions",
    sql: "
alter table awaited_result add column submitted_at timestamptz;
update awaited_result set submitted_at = (select q.graded_at from quiz_result q \
    where q.attempt = awaited_result.attempt and q.version = 1) where by_person = false;
update enrolment set active_at = (select max(seen.at) from (select enrolment.enrolled_at as at union all \
    select max(r.read_at) from lesson_read r where r.enrolment = enrolment.id union all \
    select max(a.submitted_at) from awaited_result a where a.learner = enrolment.learner \
    and a.course = enrolment.course) as seen)",
};

/// The rosters' indexes hold `active` and `erased` too: of a partial index SQLite looks up every row it
/// passes, to read what the index's own condition already says.
const COVERING_ROSTERS: Migration = Migration {
    name: "0006-covering-rosters",
    sql: "
drop index roster_name;
drop index roster_progress;
drop index roster_activity;
drop index roster_enrolled;
create index roster_name on enrolment \
    (course, active, erased, sort_key, id, completed_at, search_key);
create index roster_progress on enrolment \
    (course, active, erased, progress desc, sort_key, id, completed_at, search_key);
create index roster_activity on enrolment \
    (course, active, erased, active_at, id, completed_at, search_key);
create index roster_enrolled on enrolment \
    (course, active, erased, enrolled_at, id, completed_at, search_key)",
};

/// Every order of a roster has an index that holds all by which seats are chosen: those that are passed
/// over, to a later page or by a search, are not looked up. So how far each learner is and what they are
/// found by stands with the seat too. What courses require is read out of their outlines, which each
/// database does in its own words.
const ROSTER_INDEXES: Migration = Migration {
    name: "0005-roster-indexes",
    sql: "
alter table enrolment add column search_key text not null default '';
alter table enrolment add column progress bigint not null default 0;
create table required_step (course uuid not null, step uuid not null, primary key (course, step));
-- sqlite
insert into required_step (course, step) \
    select c.course, unhex(replace(place.value ->> 'lesson', '-', '')) \
    from course_copy c cross join json_each(c.outline, '$.lessons') as place \
    where place.value ->> 'required' union \
    select c.course, unhex(replace(place.value ->> 'quiz', '-', '')) \
    from course_copy c cross join json_each(c.outline, '$.quizzes') as place \
    where place.value ->> 'required';
-- postgres
insert into required_step (course, step) \
    select c.course, cast(place.value ->> 'lesson' as uuid) \
    from course_copy c cross join json_array_elements(cast(c.outline as json) -> 'lessons') as place \
    where cast(place.value ->> 'required' as boolean) union \
    select c.course, cast(place.value ->> 'quiz' as uuid) \
    from course_copy c cross join json_array_elements(cast(c.outline as json) -> 'quizzes') as place \
    where cast(place.value ->> 'required' as boolean);
update enrolment set search_key = coalesce((select p.search_key from person_copy p \
    where p.person = enrolment.learner), ''), \
    progress = case when completed_at is null \
    then (select count(*) from lesson_read r join required_step s on s.step = r.lesson \
    where r.enrolment = enrolment.id and s.course = enrolment.course) \
    + (select count(distinct q.quiz) from quiz_result q join required_step s on s.step = q.quiz \
    where q.learner = enrolment.learner and q.course = enrolment.course \
    and s.course = enrolment.course and q.passed) else 100000 end;
drop table required_step;
drop index enrolment_name;
drop index enrolment_activity;
create index roster_name on enrolment (course, sort_key, id, completed_at, search_key) \
    where active = true and erased = false;
create index roster_progress on enrolment (course, progress desc, sort_key, id, completed_at, search_key) \
    where active = true and erased = false;
create index roster_activity on enrolment (course, active_at, id, completed_at, search_key) \
    where active = true and erased = false;
create index roster_enrolled on enrolment (course, enrolled_at, id, completed_at, search_key) \
    where active = true and erased = false",
};

/// What a roster is sorted and counted by stands with the seat, so that a page of it costs the same
/// however many are enrolled.
const ROSTERS: Migration = Migration {
    name: "0004-rosters",
    sql: "
alter table enrolment add column sort_key text not null default '';
alter table enrolment add column erased boolean not null default false;
alter table enrolment add column active_at timestamptz;
update enrolment set sort_key = coalesce((select p.sort_key from person_copy p \
    where p.person = enrolment.learner), ''), \
    erased = coalesce((select p.erased from person_copy p where p.person = enrolment.learner), false), \
    active_at = (select max(seen.at) from (select enrolment.enrolled_at as at union all \
    select max(r.read_at) from lesson_read r where r.enrolment = enrolment.id union all \
    select max(q.graded_at) from quiz_result q where q.learner = enrolment.learner \
    and q.course = enrolment.course) as seen);
create index enrolment_name on enrolment (course, sort_key, id);
create index enrolment_activity on enrolment (course, active_at, id);
create index enrolment_count on enrolment (course, active, erased, completed_at)",
};

/// Who is enrolled, as those see it who teach: copies of persons, a course's key and instructor, when
/// marks were given and which are awaited, messages, and uploads of enrolments. Copies of courses that
/// were made before are asked for anew, because their hash fits nothing.
const TEACHING: Migration = Migration {
    name: "0003-teaching",
    sql: "
alter table course_copy add column key text not null default '';
alter table course_copy add column instructor uuid;
update course_copy set hash = '' where withdrawn = false;
create index course_copy_key on course_copy (key);
create index course_copy_instructor on course_copy (instructor);
alter table quiz_result add column graded_at timestamptz;
create table awaited_result (
    attempt uuid primary key,
    learner uuid not null,
    course uuid not null,
    quiz uuid not null,
    by_person boolean not null
);
create index awaited_result_learner on awaited_result (learner, course);
create table person_copy (
    person uuid primary key,
    version bigint not null,
    erased boolean not null,
    name text not null,
    mail text not null,
    sort_key text not null,
    search_key text not null,
    hash text not null
);
create index person_copy_mail on person_copy (mail);
create table message (
    id uuid primary key,
    course uuid not null,
    author uuid not null,
    subject text not null,
    text text not null,
    recipients bigint not null,
    sent_at timestamptz not null
);
create index message_course on message (course, sent_at);
create table enrolment_upload (
    id uuid primary key,
    author uuid not null,
    uploaded_at timestamptz not null,
    finished_at timestamptz
);
create index enrolment_upload_time on enrolment_upload (uploaded_at);
create table enrolment_upload_line (
    upload uuid not null,
    line integer not null,
    mail text not null,
    course_key text not null,
    language text not null,
    outcome text not null,
    reason text not null,
    learner uuid,
    primary key (upload, line)
);
create index enrolment_upload_line_learner on enrolment_upload_line (learner);
create index enrolment_upload_line_mail on enrolment_upload_line (mail)",
};

/// The hash of what each copy was made from, and when a seat was given up.
const STEP: Migration = Migration {
    name: "0002-step",
    sql: "
alter table course_copy add column hash text not null default '';
alter table quiz_result add column hash text not null default '';
alter table enrolment add column cancelled_at timestamptz",
};

const ENROLMENTS: Migration = Migration {
    name: "0001-enrolments",
    sql: "
create table course_copy (
    course uuid primary key,
    version bigint not null,
    withdrawn boolean not null,
    outline text not null,
    outline_version bigint not null
);
create table enrolment (
    id uuid primary key,
    learner uuid not null,
    course uuid not null,
    version bigint not null,
    active boolean not null,
    enrolled_at timestamptz not null,
    completed_at timestamptz,
    unique (learner, course)
);
create index enrolment_course on enrolment (course, id);
create table lesson_read (
    enrolment uuid not null,
    lesson uuid not null,
    read_at timestamptz not null,
    primary key (enrolment, lesson)
);
create table quiz_result (
    attempt uuid primary key,
    version bigint not null,
    learner uuid not null,
    course uuid not null,
    quiz uuid not null,
    mark text not null,
    out_of text not null,
    passed boolean not null
);
create index quiz_result_learner on quiz_result (learner, course)",
};
