courses-title = Courses
courses-lead = Learn at your own pace: lessons to read, quizzes to check what you know, and a certificate at the end.
courses-language = Language
courses-all = All languages
courses-none = No course is published here yet.
courses-none-found = No course has all these words.
courses-show-all = Show all courses
courses-search = Words in the title or summary
courses-search-button = Search
courses-search-lessons = Search inside the lessons too
courses-found = { $count ->
    [0] No course
    [one] { $count } course
   *[other] { $count } courses
}
language-en = English
language-fr = French
certificate-achievement = Certificate of achievement
certificate-certificat-de-realisation = “Certificat de réalisation”
lessons = { $count ->
    [one] { $count } lesson
   *[other] { $count } lessons
}
quizzes = { $count ->
    [one] { $count } quiz
   *[other] { $count } quizzes
}

course-enrol = Enrol
course-enrol-all = Open to everyone who has an account.
course-enrol-account = Sign in or create one to enrol.
course-on-its-way = Your enrolment shows under “My learning” a moment later.
course-enrolled = You have been enrolled since { $date }.
course-completed = You completed this course on { $date }.
course-continue = Continue
course-look = Start reading
course-mine = My learning
course-edit = Edit this course
course-not-open = This course is not published: only those who may edit it see this page.
course-objectives = What you will be able to do
course-outline = Outline
course-end = At the end
course-empty = Nothing is published in it yet.
optional = (optional)
quiz = pass mark { $percent }%
quiz-word = Quiz

lesson-position = Lesson { $number } of { $count }
lesson-not-shown = Learners do not see this lesson: it is not published, or its course is not.
lesson-edit = Edit this lesson
lesson-read = Mark as read
lesson-read-on = Mark as read and go on
lesson-sign-in = Sign in to keep track of what you have read
lesson-neighbours = Before and after
lesson-previous = Previous:
lesson-next = Next:
lesson-keys = Or leaf with the keys
lesson-here = (you are here)

teaching-title = My courses
teaching-lead = The courses that you teach. Drafts are seen by nobody else.
teaching-lead-all = All courses of the organisation, drafts too.
teaching-state = State
teaching-states = Any state
teaching-search = Words in the title or summary
teaching-new = New course
teaching-new-lead = It begins as a draft that only you and administrators see.
teaching-create = Create the course
teaching-none-found = No course here is like that.
teaching-none = There is no course here yet: create one, or import one from files.
state-draft = Draft
state-published = Published
state-withdrawn = Withdrawn
waiting = { $count ->
    [one] { $count } unpublished change
   *[other] { $count } unpublished changes
}
column-file = File
column-line = Line
column-detail = What
column-now = Now
column-then = After the import
column-problem = What is wrong
back = Back
save = Save
delete = Delete
up = Move up
down = Move down

field-title = Title
field-language = Language of the course
field-key = Key
field-key-hint = Stands in addresses and never changes: small letters, digits and hyphens. Made from the title if you leave it empty.
field-summary = Summary
field-summary-hint = What it is about and for whom, in a few sentences. Markdown.
field-objectives = Objectives
field-objectives-hint = What one can do after it, one objective on each line.
field-minutes = Estimated work, in minutes
field-minutes-hint = For the whole course, quizzes too.
field-design = Certificate for those who complete it
field-text = Text
field-text-hint = Markdown: # for headings, tables with |, code between ```. Images are sent on the course’s image page.
field-required = Must be read to complete the course
field-pass = Passed from this percentage
field-pass-hint = Of the whole mark, from 0 to 100.

details-title = Details
details-at-once = This course is published: learners see what you save here at once.
details-designs = See what the certificates look like
conflict-title = Somebody else saved first
conflict-details = Nothing of yours is lost: it stands in the form below. This is what is saved now, where it differs. Save again to replace it with yours.
conflict-lesson = Nothing is lost: your text stands in the form below, theirs is here.
conflict-theirs = What is saved now
conflict-yours = Take over what you want to keep of it into your text, then save: that replaces theirs.

done-created = The course was created.
done-saved = Saved.
done-draft = Saved as a draft: learners see the earlier text until you publish.
done-discarded = The draft was discarded.
done-published = Published. The other pages follow in a moment: My learning, search, quizzes, notifications.
done-withdrawn = Withdrawn. The other pages follow in a moment.
done-added = Added.
done-moved = Moved.
done-deleted = Deleted.
done-handed-over = The course is handed over. The other pages follow in a moment.
done-hidden = The lesson is a draft again.
done-imported = Imported. Questions are read now and appear in the question bank in a moment, with those that were refused.

publish-course = Publish …
publish-changes = Publish changes …
course-view = View as a learner
course-at-once = This course is published. What you change of its details, its sections, their order and its quizzes, learners see at once; so they do when a lesson is deleted or taken back to a draft. New lessons and what you change in a lesson wait until you publish them.
course-delete = Delete the course
course-delete-title = Delete the course?
course-delete-all = Its details, sections, lessons, drafts and images are deleted for good.
course-delete-learners = It was never published, so no learner ever saw it.
course-delete-questions = Questions that were written for its quizzes stay in the question bank: a new course with the same key finds them again.
course-withdrawn = This course is withdrawn: nobody finds it until you publish it again.
instructor-named = Instructor: { $name }
instructor-none = No instructor: any instructor may edit it
instructor-erased = Instructor: an account that was erased
instructor-awaited = Instructor: somebody whose name has not arrived here yet
hand-over = Hand over
hand-over-title = Hand the course over
hand-over-confirm = Hand the course over?
hand-over-mail = Mail address of whoever is to teach it
hand-over-mail-hint = Of an instructor or administrator who has an account here.
hand-over-look = Go on
hand-over-lead = The course “{ $title }”, to { $name } ({ $mail }).
hand-over-given = They can edit and publish it, see who takes it and how far each of them is, write to them, and mark their essays.
hand-over-yours = You lose all of this. Only they, or an administrator, can hand it back.
hand-over-theirs = Any other instructor who could do this loses it. Administrators keep it.
hand-over-mailed = Nobody is mailed: tell them yourself. Learners notice nothing.
withdraw = Withdraw
outline-empty = Begin with a section; then add lessons to it.
section-add = Add a section
section-title = Title of the section
section-rename = Rename the section
section-up = Move the section up
section-down = Move the section down
section-delete = Delete the section
section-empty = Nothing is in this section yet.
lesson-add = Add a lesson
lesson-add-lead = It begins as a draft, at the end of the section
lesson-create = Create the lesson
lesson-title = Title of the lesson
lesson-changed = Changed, not published
lesson-ready = Shown when the course is published
lesson-has-draft = Learners see the published text. What you edit here is a draft that they see once you publish it.
lesson-is-shown = Learners see this lesson. What you change is kept as a draft until you publish it.
lesson-outdated = The published lesson changed after this draft was begun. Compare it with what learners see, then save the draft again.
save-draft = Save as draft
save-publish = Save and publish …
preview = Preview
preview-title = Preview
preview-unsaved = Not saved yet.
discard = Discard the draft
discard-title = Discard the draft?
discard-lead = Of the lesson “{ $title }”.
discard-text = What was changed and not published is deleted. Learners keep what they see now.
hide = Take back to a draft
hide-title = Take the lesson back to a draft?
hide-text = Its text stays, and you can publish it again; nobody is mailed then.
lesson-delete-title = Delete the lesson?
lesson-delete-lead = The lesson “{ $title }”.
lesson-delete-text = Its text is deleted for good.
lesson-delete-learners = Learners no longer find it; completing the course no longer asks for it.
lesson-delete-copies = My learning, search and notifications are told in a moment.

quiz-place = Place a quiz
quiz-edit = Quiz
quiz-at-once = This course is published: learners see at once what you save here. A quiz that must be passed is asked of all who take the course, also while it has no questions, and nobody can complete the course then. Write its questions in the question bank first.
quiz-lead = Here you say where a quiz stands and what it takes to pass it. Its questions are written in the question bank.
quiz-questions = Questions of this quiz
quiz-where = Where it stands
quiz-after = After “{ $title }”
quiz-at-end = At the end of the course
quiz-required = Must be passed to complete the course
quiz-key-hint = To place a quiz that is already in the question bank, write its key. Otherwise leave it empty.
quiz-remove = Take it out of the course
quiz-remove-title = Take the quiz out of the course?
quiz-remove-lead = The quiz “{ $title }”.
quiz-remove-course = Learners no longer find it in the course; completing the course no longer asks for it.
quiz-remove-questions = Its questions, attempts and marks stay in the question bank and the results.

images-title = Images
images-lead = Images that lessons of this course show. To show one, copy its line into the lesson’s text.
images-there = Images of this course
images-none = There is no image yet.
images-older = Older images
images-insert = Images of this course
images-insert-hint = Copy a line into the text to show the image there.
unused-title = Images that no lesson shows
unused-lead = Neither a lesson of this course, nor a draft, nor its summary shows these. Those that were sent in the last day are left out.
unused-elsewhere = Questions of quizzes, and messages, may show one all the same, which is not known here: untick it then. Where a deleted image stood, its description is shown.
unused-none = There is none: each image is shown, or was sent in the last day.
unused-nothing = No image is ticked, so nothing was deleted.
unused-delete = Delete the ticked images
image-send = Send an image
image-file = File
image-file-hint = PNG, JPEG, GIF or WebP, at most { $size }.
image-description = Description
image-description-hint = What it shows, in a few words, for those who do not see it.
image-write = To be copied into a lesson
image-delete-title = Delete the image?
image-delete-lessons = Lessons that show it will show its description instead.

publish-title = Publish
publish-which = Lessons to publish
publish-initial = New with the course: nobody is notified.
publish-new = New: everyone enrolled before now is told, as each of them wishes (mail, push, inbox).
publish-changed = Changed: learners see the new text, and nobody is mailed.
publish-again = Back again: learners see it, and nobody is mailed.
publish-outdated = This draft was begun from an older text: look at it and save it again first.
publish-look = Look at it
publish-tells = What publishing tells, and to whom
publish-tells-catalogue = Everybody finds the course in the catalogue and may enrol.
publish-tells-nobody = Nobody is mailed: nobody is enrolled yet.
publish-tells-no-mail = Nobody is mailed.
publish-tells-enrolled = { $count ->
    [one] Everyone enrolled before now is told of the new lesson, as each of them wishes (mail, push, inbox).
   *[other] Everyone enrolled before now is told of { $count } new lessons, as each of them wishes (mail, push, inbox).
}
publish-tells-course = My learning, quizzes, certificates, notifications and search take over the course as it is now.
publish-tells-lessons = Search and notifications take over the lessons.
publish-tells-hint = This is what is told with the lessons that were ticked when the page was shown. After ticking others, look again.
publish-look-again = Look again with these ticks
publish-now = Publish
publish-overtaken = Changed since you ticked it.
publish-none = No lesson was chosen, so nothing was published.
publish-stale = Something changed since you opened this page, so nothing was published. Look at it again.
publish-nothing = Everything is published: there is nothing new to show.
withdraw-title = Withdraw the course?
withdraw-lead = The course “{ $title }”.
withdraw-catalogue = It disappears from the catalogue and from search, and nobody can enrol any more.
withdraw-enrolled = Those who are enrolled keep what they did, but no longer find its lessons until you publish it again.
withdraw-certificates = Certificates that were issued stay valid.
withdraw-copies = My learning, quizzes, certificates, notifications and search are told in a moment.

import-title = Import from files
import-lead = The files become a new course, or bring an existing one that has the same key up to date. You see what would change before it is done.
import-into = The files bring this course up to date:
import-files = Files
import-files-hint = A ZIP archive of the course’s folder, or all its files at once; at most { $size }.
import-course-title-hint = Needed only where loose files come without a course.toml: the course’s key is made of this title. Left empty, the course is called as its first lesson.
import-read = Read the files
import-no-file = Choose one or more files.
import-too-large = These files are larger than { $size } together: send less at once.
import-wrong = These files cannot be imported as they are: what to correct is listed below the form.
import-to-correct = What to correct
import-wrong-lead = Nothing was changed. Correct what is listed here, then send the files again.
import-more = { $count ->
    [one] And { $count } more.
   *[other] And { $count } more.
}
import-format = What is read
import-format-toml = course.toml: key, language, title, sections with their lessons, quizzes. Quizzes, sections and lessons that were added here stay.
import-format-lessons = lessons/*.md: one lesson each, in Markdown, with “title:” and “minutes:” at the top.
import-format-gift = *.gift: questions of a quiz. They go to the question bank, which lists those that it refuses, line by line.
import-format-images = PNG, JPEG, GIF and WebP images that lessons show.
import-format-bare = Without a course.toml, each Markdown file that has a title becomes a lesson. The details and quizzes of a course that is there stay as they are.
import-plan-title = What the import would change
import-plan-new = A new course, as a draft of yours:
import-plan-existing = An existing course:
import-plan-details = Details
import-details-same = The files change no detail of the course.
import-sections = Sections
import-empty = (empty)
import-plan-quizzes = Quizzes
import-plan-lessons = Lessons
import-plan-rest = And besides
import-added = { $count ->
    [0] No lesson added
    [one] { $count } lesson added
   *[other] { $count } lessons added
}
import-changed = { $count ->
    [0] No lesson changed
    [one] { $count } lesson changed
   *[other] { $count } lessons changed
}
import-removed = { $count ->
    [0] No lesson removed
    [one] { $count } lesson removed
   *[other] { $count } lessons removed
}
import-quiz-added = { $count ->
    [0] No quiz added
    [one] { $count } quiz added
   *[other] { $count } quizzes added
}
import-quiz-changed = { $count ->
    [0] No quiz changed
    [one] { $count } quiz changed
   *[other] { $count } quizzes changed
}
import-quiz-removed = { $count ->
    [0] No quiz removed
    [one] { $count } quiz removed
   *[other] { $count } quizzes removed
}
import-images = { $count ->
    [0] No image
    [one] { $count } image
   *[other] { $count } images
}
import-questions = Questions are handed to the question bank from
import-at-once = The course is published: learners see the changes at once.
import-as-draft = The course is not published by this: you do that afterwards.
import-lost = Lessons that came with earlier files and that these files lack are deleted for good, with their texts.
import-lost-drafts = { $count ->
    [one] With them goes { $count } unpublished change.
   *[other] With them go { $count } unpublished changes.
}
import-waits = Without a decision, what was sent is thrown away after { $days } days.
import-left-out = Left out
import-do = Import
import-discard = Discard
