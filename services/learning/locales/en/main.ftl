learning-title = My learning
learning-none = You are not enrolled in any course yet.
learning-courses = Find a course
learning-first = Choose a course in the catalogue
group-underway = In progress
group-completed = Completed
group-left = Left
just-enrolled = You are enrolled in “{ $title }”.
just-left = You have left “{ $title }”. What you did is kept, in case you come back.
last-activity = Last activity:
content = Lessons and quizzes

offer-awaited = This course has not arrived here yet. If it was published a moment ago, it appears by itself, or when you look again.
offer-look-again = Look again now
offer-withdrawn = This course was withdrawn: nobody can enrol any more.
offer-open = You are not enrolled in this course yet. Enrol to keep track of your lessons and take its quizzes.
enrol = Enrol
enrol-again = Enrol again and go on where you stopped
cancel = Leave this course
cancel-title = Leave this course?
cancel-kept = The lessons that you read and the quizzes that you passed are kept: you find them again if you come back.
cancel-closed = You can take none of its quizzes and get no messages about it until then.
cancel-not = Stay enrolled

enrolled-on = Enrolled on { $date }
state-completed = Completed on { $date }
since-completed = On { $date }
pill-completed = Completed
state-cancelled = Enrolment cancelled
course-withdrawn = This course was withdrawn; what you did is kept.
steps = { $all ->
    [one] { $done } of { $all } step done
   *[other] { $done } of { $all } steps done
}
next-lesson = Next lesson: { $title }
next-quiz = Next: { $title }
to-certificates = My certificates
awaited-grader = “{ $title }” is being graded: the result appears here by itself.
awaited-person = “{ $title }” is with a person who marks it: you will be told when it has its mark.

lessons = Lessons
lesson-read = read
optional = (optional)
quizzes = Quizzes
quiz-not-taken = No mark yet
quiz-graded-now = being graded
quiz-marked-soon = waits to be marked by a person
quiz-passed = Best mark { $mark } / { $outof }, passed
quiz-failed = Best mark { $mark } / { $outof }, not passed yet

teaching = Teaching
roster-title = Learners
course-unpublished = Nobody can take this course before it is published. Those who do appear here then.
roster-none = Nobody is enrolled yet. Enrol the first below, or wait for those who find the course in the catalogue.
stat-enrolled = { $count ->
    [one] person is enrolled
   *[other] people are enrolled
}
stat-completed = { $count ->
    [one] has completed the course
   *[other] have completed the course
}
roster-found = { $count ->
    [0] No one matches.
    [one] { $count } learner
   *[other] { $count } learners
}
roster-search = Show
roster-q = Name or address
roster-show = Which
roster-sort = Sorted by
roster-download = Download this list (CSV)
roster-file = learners
roster-enrolled = Enrolled. They are told by mail.
roster-already = They were enrolled already: nothing has changed.
roster-removed = Removed from the course.
show-everybody = Everybody
show-underway = In progress
show-completed = Completed
sort-name = Name
sort-progress = Most progress
sort-activity = Latest activity
sort-silence = Longest without activity
sort-enrolled = Latest enrolment
person-awaited = A new learner (the name is on its way)
enrol-title = Enrol somebody
enrol-person = Enrol this person
enrol-mail = Mail address
enrol-mail-hint = Of somebody who has an account here.
enrol-no-mail = Enter a whole mail address, such as ana@example.org.
enrol-unknown-mail = Nobody has an account with this address. Invite them first, then enrol them.
enrol-unknown-mail-ask = Nobody has an account with this address. Ask an administrator to invite them, then enrol them.
to-invitations = Invite people
never-active = Not yet
not-read = Not read
remove = Remove from the course
remove-title = Remove this learner from the course?
remove-told = They can take none of its quizzes any more and get no messages about it.
remove-kept = What they did is kept, in case they are enrolled again.
remove-not = Keep them enrolled

column-name = Name
column-mail = Mail address
column-progress = Progress
column-done = Steps done
column-all = Steps in all
column-state = State
column-enrolled = Enrolled
column-active = Last activity
column-completed = Completed
column-lesson = Lesson
column-read = Read
column-quiz = Quiz
column-result = Result
column-date = Date
column-author = By
column-new = Enrolled
column-already = Already enrolled
column-refused = Refused
column-line = Line
column-course = Course
column-language = Language
column-reason = Reason

message-title = Message to the course
message-recipients = { $count ->
    [0] Nobody is enrolled yet: there is nobody to write to.
    [one] A new message goes to { $count } person who is enrolled.
   *[other] A new message goes to { $count } people who are enrolled.
}
message-subject = Subject
message-text = Text
message-text-hint = Markdown: **bold**, *italic*, lists and links.
message-preview = Preview
preview-title = Look before it goes
message-send = Send now
message-change = Change it
message-sent = { $count ->
    [one] Sent to { $count } person.
   *[other] Sent to { $count } people.
}
message-about = { $count ->
    [one] { $date }, by { $author }, to { $count } person
   *[other] { $date }, by { $author }, to { $count } people
}
author-unknown = somebody who is no longer here
sent-title = Sent messages
sent-none = No message was sent to this course yet.
sent-text = Read
subject-missing = Enter a subject.
subject-long = Shorten the subject to { $most } characters.
text-missing = Enter the text of the message.
text-long = Shorten the text to { $most } characters.

uploads-title = Enrol many at once
uploads-lead = One line for each enrolment: a mail address, the key of a course and, if you like, the language that the course is in. Whoever is enrolled already stays enrolled.
uploads-example = Example
upload-text = Lines
upload-text-hint = Separated by commas, semicolons or tabs, as copied from a spreadsheet.
upload-file = Or a file
upload-file-hint = CSV in UTF-8, at most { $most } lines and 1 MB. If you choose a file, the lines above are left out.
upload-button = Enrol
upload-empty = Enter at least one line, or choose a file.
upload-too-large = This is larger than 1 MB. Send it in parts.
upload-too-many = These are more than { $most } lines. Send them in parts.
upload-not-text = This is no text in UTF-8. Save the sheet as CSV (UTF-8) and choose that file.
uploads-recent = Recent uploads
uploads-none = Nothing was uploaded yet.
upload-underway = being processed
report-title = What became of the upload
report-about = { $count ->
    [one] { $date }, by { $author }: { $count } line
   *[other] { $date }, by { $author }: { $count } lines
}
report-progress = { $all ->
    [one] { $done } of { $all } line processed
   *[other] { $done } of { $all } lines processed
}
report-underway = It goes on by itself. You may leave this page and come back to it.
report-outcomes = What became of the lines
report-unknown = Some addresses belong to nobody who has an account here. Invite those people, and look at the refused lines again when they have registered.
report-already = They were already enrolled: nothing has changed for them.
report-again = Look at the refused lines again
report-in-vain = None of these lines can become right by itself: correct them and send them as a new upload.
report-download = Download the refused lines (CSV)
report-file = refused-lines
outcome-waiting = { $count ->
    [one] { $count } line waits
   *[other] { $count } lines wait
}
outcome-enrolled = { $count ->
    [one] { $count } person enrolled
   *[other] { $count } people enrolled
}
outcome-already = { $count ->
    [one] { $count } enrolled already
   *[other] { $count } enrolled already
}
outcome-refused = { $count ->
    [one] { $count } line refused
   *[other] { $count } lines refused
}
address-forgotten = (forgotten)
reason-unreadable = This line cannot be read: a quote is not closed, or there are more than three values.
reason-no-mail = It does not begin with a mail address.
reason-no-course = The key of a course is missing.
reason-unknown-language = The language is neither “en” nor “fr”.
reason-unknown-mail = Nobody has an account with this address: invite them first.
reason-unknown-course = There is no course with this key: it is the last part of the course's address in the catalogue.
reason-withdrawn-course = This course was withdrawn: nobody can enrol any more.
reason-other-language = This course is taught in another language.

refused-no-such-course = There is no such course here; if it was published a moment ago, try again.
refused-withdrawn = This course was withdrawn: nobody can enrol any more.
refused-no-such-enrolment = There is no such enrolment: it was cancelled, or never made.
refused-cancelled = This enrolment was cancelled: enrol again to go on where you stopped.
refused-erased = This account was erased: nothing more can be kept for it.
refused-no-such-lesson = This course has no such lesson; if it was published a moment ago, try again.
refused-not-yours = This course is another instructor's: ask them, or an administrator.
refused-unknown-mail = Nobody with this address is known here: invite them first.
refused-nobody-enrolled = Nobody is enrolled in this course: there is nobody to write to.
refused-no-such-upload = There is no such upload: its report was thrown away if it is older than 90 days.
