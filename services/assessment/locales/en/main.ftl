# A quiz, for learners
quiz-questions = Questions
questions-count = { $count ->
    [one] { $count } question
   *[other] { $count } questions
}
quiz-pass = To pass
quiz-pass-mark = { $percent }% of the marks
quiz-tries = Attempts
tries-free = { $made ->
    [0] As many as you like
    [one] One made, as many more as you like
   *[other] { $made } made, as many more as you like
}
tries-left = { $left ->
    [0] None left of { $limit }
   *[other] { $left } of { $limit } left
}
tries-limit = { $count ->
    [one] one attempt
   *[other] { $count } attempts
}
tries-unlimited = attempts without limit
quiz-time = Time
quiz-minutes = { $count ->
    [one] about a minute
   *[other] about { $count } minutes
}
quiz-saved-hint = There is no clock: answers are saved as you give them, and you can come back later.
quiz-essays-hint = A teacher marks what you write in your own words.
quiz-start = Start the quiz
quiz-resume = Go on with the quiz
quiz-again = Try again
quiz-used-up = You have used all your attempts.
quiz-not-enrolled = Only those who are enrolled take this quiz. If you have just enrolled, look again in a moment.
quiz-nothing-asked = This quiz has no questions yet.
quiz-taught = You teach this course: try the quiz as a learner sees it. Nothing of a trial is kept.
quiz-write = Write its questions
quiz-attempts = Your attempts
quiz-version = version { $version }
to-course = The course
to-learning = My learning
to-teaching = Your courses
to-marking = What waits for marks

# An attempt
attempt-number = Attempt { $number }
attempt-in-progress = in progress
attempt-submitted = being graded
attempt-awaiting = waiting for a teacher’s marks
attempt-graded = graded
attempt-passed = passed
attempt-failed = not passed
attempt-errors = Some answers could not be saved
attempt-show-saved = Show what is saved
attempt-conflict = Some answers were changed elsewhere meanwhile. Both are shown beside their questions.
attempt-mine = Keep mine
attempt-theirs = Take the other
attempt-reload = Look again
attempt-back = Back to the quiz
attempt-save = Save
attempt-review = Look over and submit
attempt-submit = Submit
attempt-submit-hint = Save as often as you like. Before anything is submitted you see which questions you have answered.
review-title = Before you submit
review-answered = { $count ->
    [one] { $done } of one question is answered.
   *[other] { $done } of { $count } questions are answered.
}
review-yes = answered
review-no = not answered
review-hint = Once submitted, answers cannot change.
review-back = Back to the questions

question-number = Question { $number }
answer-overtaken = Another answer was saved meanwhile, in another window or on another device: “{ $answer }”. Yours stands here and is not saved.
answer-taken-back = This answer was taken back meanwhile, in another window or on another device. Yours stands here and is not saved.
answer-keep = Save again to keep yours.
answer-true = True
answer-false = False
answer-none = Choose…
marks = { $mark } / { $outof }

result-submitted = Your attempt is submitted and is being graded. It takes a moment.
result-awaiting = A teacher has to mark part of this attempt. You will be told when it is done.
result-passed = Passed: { $marks } ({ $percent }).
result-failed = Not passed: { $marks } ({ $percent }).

verdict-right = Right
verdict-partly = Partly right
verdict-wrong = Wrong
verdict-unanswered = Not answered
verdict-awaits-marking = Waiting for a teacher’s mark

# Those who teach
course-unheard = A course of which nothing has arrived yet
course-awaited = This course has not arrived here yet: a draft does so when its first quiz is placed in it. This page then fills by itself.
person-erased = Somebody who was erased
person-unheard = Somebody whose name has not arrived yet
yes = yes
no = no
column-attempt = Attempt
column-attempts = Attempts
column-when = Submitted
column-begun = Begun
column-state = State
column-marks = Marks
column-mark = Mark
column-outof = Out of
column-percent = Percent
column-question = Question
column-questions = Questions
column-text = What is asked
column-quiz = Quiz
column-pass = To pass
column-tries = Attempts allowed
column-version = Version
column-do = More
column-learner = Learner
column-learners = Learners
column-essays = To mark
column-mean = Mean
column-passed = Passed
column-awaiting = Waiting for marks
column-facility = Facility
column-discrimination = Discrimination

# The question bank
bank-title = Question bank
bank-empty = This course has no quiz yet.
bank-quizzes = Quizzes
bank-without-questions = Quizzes without questions
bank-without-questions-hint = They have their place in the course. Open one to write its questions.
bank-new = A new quiz
bank-new-hint = Learners find it once it has its place in the course, which you give it in the course’s editor under the same key.
bank-create = Create the quiz
bank-nothing-asked = Nobody can take this quiz yet: it has no question.
bank-refused = { $count ->
    [one] one question refused
   *[other] { $count } questions refused
}
bank-unplaced = not in the course yet
bank-unplaced-hint = Learners do not find a quiz that has no place in the course. Give it one in the course’s editor, under the key that stands here.
bank-place = Place a quiz in the course
bank-saved = Saved.
bank-deleted = The question is deleted.
question-gone = Somebody has deleted this question meanwhile. What you wrote is below: saving it adds it as a new question.
field-quiz-title = Title
field-quiz-key = Key
field-quiz-key-hint = Short and lasting, such as final: lower-case letters, digits and hyphens.
field-pass-percent = Percent of the marks needed to pass
field-max-attempts = Attempts allowed
field-max-attempts-hint = Leave it empty for as many as one likes.
settings-title = Settings
settings-lead = A change makes a new version. Attempts that were begun keep the version they began with.
settings-save = Save the settings
settings-decided = The title and the pass mark are decided where the quiz stands in the course.
settings-place = Change them there
settings-now = Saved now: { $title } · { $facts }
questions-title = Questions
export-link = Download as GIFT
results-link = Results

add-title = Add from GIFT
add-lead = GIFT is the text format in which Moodle and others exchange questions. What cannot be used is refused with its line and the reason, and the rest goes in.
add-file = A file
add-file-hint = Text in UTF-8, at most { $size }.
add-text = Or the text itself
add-mode = The questions that are there
add-append = Keep them, and add these at the end
add-replace = Replace them by these
add-button = Add the questions
add-typed = typed in
upload-title = The last upload
upload-summary = { $file }: { $accepted ->
    [0] no question was taken
    [one] one question was taken
   *[other] { $accepted } questions were taken
}, { $refused ->
    [0] none was refused.
    [one] one was refused.
   *[other] { $refused } were refused.
}
upload-refused = These were refused. Correct them in your file and add it again: what is there already is not added twice.
upload-line = Line { $line }:
upload-more = { $count ->
    [one] And one more.
   *[other] And { $count } more.
}
upload-put-away = Put this list away

# One question
question-new = Write a new question
question-add = New question: { $kind }
question-edit = Question: { $kind }
question-open = Edit
question-up = Move up
question-down = Move down
question-delete = Delete
question-delete-title = Delete this question?
question-delete-attempts = Attempts that were begun keep it; new ones do not ask it any more.
question-save = Save the question
question-more = More lines
question-rest = Feedback and title
question-row = Answer { $number }
back-to-questions = Back to the questions
conflict-title = Somebody was quicker
conflict-theirs = What is saved now
conflict-yours = What you wrote is below and not saved. Saving it puts it in the place of what is saved now.
sort-choice = multiple choice
sort-true-false = true or false
sort-short-answer = short answer
sort-numerical = number
sort-matching = matching
sort-essay = essay
sort-description = text without a question
sort-choice-hint = Learners pick one answer, or several. Lines left empty do not count.
sort-true-false-hint = Learners say whether a statement is true.
sort-short-answer-hint = Learners write a word or a few. Capitals do not matter, and * stands for anything.
sort-numerical-hint = Learners write a number. Accept one with a tolerance, a range such as 3..4, or * for any other.
sort-matching-hint = Learners find the answer that belongs to each item. A line without an item is an answer that belongs to none.
sort-essay-hint = Learners write at length, and a teacher marks it.
sort-description-hint = It stands between questions and asks nothing.
field-text = What is asked
field-format = Written in
field-format-hint = It goes for all texts of this question.
format-markdown = Markdown
format-plain = plain text
format-html = HTML
format-moodle = Moodle’s own format
field-general = Said to everyone once it is graded
field-guidance = What to look for: shown to those who mark, and to learners once it is marked
field-title = Title
field-title-hint = Learners do not see it.
field-answer = The statement is
field-right = Said to those who are right
field-wrong = Said to those who are wrong
field-several = Several answers are right
field-several-hint = Then the percents of the right ones make 100 together, and wrong ones may have a negative percent.
field-choice = Answer
field-weight = Percent of the mark
field-feedback = Said to those who answer so
field-accepted = Accepted answer
field-number = Number, range or *
field-tolerance = Give or take
field-item = Item
field-match = Answer that belongs to it
wrong-title = The title has several lines or is too long: write at most 255 characters in one line.
wrong-empty = Nothing is written here: fill it in.
wrong-too-long = This is longer than 50,000 characters: shorten it.
wrong-true-false = Say whether the statement is true or false.
wrong-weight = This is no percent: write a number from -100 to 100.
wrong-one-choice = There is only one answer: write at least two.
wrong-no-full-choice = No answer is worth the whole mark: give one of them 100 percent, or say that several are right.
wrong-no-full-answer = No answer is worth the whole mark: give one of them 100 percent.
wrong-weights-too-low = The right answers make less than 100 percent together: raise them.
wrong-no-answer = There is no accepted answer: write at least one.
wrong-number = This is no number: write one such as 3.14 or -5.
wrong-range = The range runs backwards: write the smaller number first, as 3..4.
wrong-tolerance = The tolerance is negative: write it without the minus sign.
wrong-line = The rest of this line is filled in, and the answer is missing: write it, or empty the line.
wrong-no-match = This item has no answer: write the one that belongs to it.
wrong-one-pair = There is too little to match: write at least one item, and two answers in all.
wrong-no-gift = There is nothing to add: choose a file, or write the questions below.
wrong-pass-percent = Write a whole number from 0 to 100.
wrong-max-attempts = Write a whole number from 1 to 1,000, or leave it empty.
wrong-key = Write lower-case letters, digits and hyphens: final-quiz.

# Trying
trial-link = Try it
trial-title = Trying: { $title }
trial-label = This is a trial.
trial-hint = You see what a learner sees. It is graded here and now by the same rules, and nothing is kept.
trial-grade = Grade the trial
trial-again = Try again
trial-errors = Some answers do not fit
trial-awaiting = So far { $marks }. { $count ->
    [one] One answer
   *[other] { $count } answers
} would wait for a teacher’s mark.

# Marking
marking-title = Marking
marking-courses = Courses
marking-all = All courses
marking-none = Nothing waits for marks.
marking-none-here = Nothing waits for marks here.
marking-show-all = See all that waits
marking-waiting = { $count ->
    [one] One attempt waits for marks
   *[other] { $count } attempts wait for marks
}
marking-order = What was begun first stands first.
essays-count = { $count ->
    [one] one answer
   *[other] { $count } answers
}
mark-title = Mark an attempt
mark-whole = The whole attempt
mark-guidance = What to look for
mark-answer = What was answered
mark-next = Save and go to the next
mark-stay = Save
mark-saved = Saved.
mark-rest-saved = The other marks are saved.
mark-overtaken = Somebody else has marked this meanwhile, otherwise than you: their mark stands, and yours is not saved. It can be corrected.
mark-left = Nothing was saved: no mark was given, and the attempt waits on.
mark-correct = Correct this mark
mark-corrected = The mark is corrected, and the learner is told.
wrong-mark = This is no number: write one such as 0.5.
wrong-comment-alone = You wrote a comment and no mark: write the mark too, or take the comment out to mark this one later.
correct-title = Correct a mark
correct-lead = The new mark takes the place of the one that was given, and the result is told anew. A course that was completed stays completed.
correct-given = Given so far: { $marks }
correct = Correct the mark
field-reason = Why it changes
field-reason-hint = It stays with the attempt, and the learner reads it.
wrong-reason = Say why the mark changes.
corrections = Corrected marks
correction = Question { $number }: from { $before } to { $after }
essay-title = Answer { $number }
field-mark = Mark out of { $outof }
field-mark-hint = Parts are fine, such as 0.5. Leave it empty to mark this one later.
field-comment = What you have to say about it

# Results
results-title = Results
results-to-mark = { $count ->
    [one] mark one
   *[other] mark { $count }
}
results-mark = Mark
results-attempts = Attempts
results-none = Nobody has begun this quiz yet.
results-csv = Download as CSV
results-found = { $count ->
    [0] No attempt found
    [one] One attempt
   *[other] { $count } attempts
}
results-search = Show
results-q = Name
results-show = Which
results-show-everything = all
results-show-waiting = waiting for marks
results-show-passed = passed
results-show-failed = not passed
results-sort = Sorted by
results-sort-newest = newest first
results-sort-name = name
results-sort-highest = highest marks first
results-sort-lowest = lowest marks first
results-only = The attempts of { $name } alone.
results-one = The attempts of one learner alone.
results-all = Show all
statistics-title = How the questions did
statistics-sample = { $count ->
    [0] No attempt is graded yet.
    [one] Made from one graded attempt.
   *[other] Made from { $count } graded attempts: the first of each learner.
}
statistics-how = How to read this
statistics-facility = The mean mark at the question: 100% is what everybody got right.
statistics-discrimination = How far those who do well in the rest of the quiz also do well here: 100% is always, 0% is chance, and below 0% the better learners get it wrong. It takes several attempts that differ.
advice = Look at it
advice-backwards = Those who do well elsewhere get it wrong: is the right answer the right one?
advice-hard = Hardly anybody knows: is it taught, and is it clear?
advice-easy = Nearly everybody knows: it tells nobody apart.
advice-weak = It has little to do with the rest of the quiz.
