learning-title = My learning
learning-none = You are not enrolled in any course yet.
learning-courses = Choose one in the catalogue
learning-more = Earlier enrolments

offer-awaited = This course has not arrived here yet. If it was published a moment ago, it appears by itself: this page looks again every few seconds.
offer-look-again = Look again now
offer-withdrawn = This course was withdrawn: nobody can enrol any more.
offer-open = You are not enrolled in this course yet. Enrol to keep track of your lessons and take its quizzes.
enrol = Enrol
enrol-again = Enrol again and go on where you stopped
cancel = Cancel my enrolment

state-active = In progress, enrolled on { $date }
state-completed = Completed on { $date }
state-cancelled = Enrolment cancelled
course-withdrawn = This course was withdrawn; what you did is kept.
steps = { $all ->
    [one] { $done } of { $all } step done
   *[other] { $done } of { $all } steps done
}
next-lesson = Next lesson: { $title }
next-quiz = Next: { $title }
to-certificates = My certificates

lessons = Lessons
lesson-read = read
optional = (optional)
quizzes = Quizzes
quiz-not-taken = No mark yet
quiz-passed = Best mark { $mark } / { $outof }, passed
quiz-failed = Best mark { $mark } / { $outof }, not passed yet

refused-no-such-course = There is no such course here; if it was published a moment ago, try again.
refused-withdrawn = This course was withdrawn: nobody can enrol any more.
refused-no-such-enrolment = You have no such enrolment: enrol in the course first.
refused-cancelled = This enrolment was cancelled: enrol again to go on where you stopped.
refused-no-such-lesson = This course has no such lesson; if it was published a moment ago, try again.
