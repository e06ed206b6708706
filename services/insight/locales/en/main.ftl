search-title = Search
search-words = Words to look for
search-language = Language
search-all = English and French
search-english = English
search-french = French
search-button = Search
search-hint = All words must be there; accents, capitals and plurals do not matter.
search-none = Nothing was found. Try fewer words, or the beginning of one.
search-catalogue = See all courses
search-results = Results
search-course = Course
search-lesson = Lesson
search-in = In
search-more = More results
timeline-title = Timeline
timeline-lead = What has happened here for you, the latest first. Only you and those who run the platform see it.
timeline-none = Nothing has happened yet. Your first course will stand here.
timeline-more = Earlier

timeline-learning-learner-enrolled-v1 = { $known ->
    [yes] Enrolled in “{ $course }”
   *[no] Enrolled in a course
}
timeline-learning-enrolment-cancelled-v1 = { $known ->
    [yes] Left “{ $course }”
   *[no] Left a course
}
timeline-learning-lesson-read-v1 = { $known ->
    [step] Read “{ $step }” in “{ $course }”
    [yes] Read a lesson of “{ $course }”
   *[no] Read a lesson
}
timeline-learning-course-completed-v1 = { $known ->
    [yes] Completed “{ $course }”
   *[no] Completed a course
}
timeline-assessment-attempt-submitted-v1 = { $known ->
    [step] Submitted “{ $step }” in “{ $course }”
    [yes] Submitted a quiz of “{ $course }”
   *[no] Submitted a quiz
}
timeline-assessment-attempt-awaits-marking-v1 = { $known ->
    [step] “{ $step }” in “{ $course }” waits to be marked by a person
    [yes] A quiz of “{ $course }” waits to be marked by a person
   *[no] A quiz waits to be marked by a person
}
timeline-assessment-attempt-graded-v1 = { $known ->
    [step] “{ $step }” in “{ $course }” was graded
    [yes] A quiz of “{ $course }” was graded
   *[no] A quiz was graded
}
timeline-certification-certificate-issued-v1 = { $known ->
    [yes] A certificate was issued for “{ $course }”
   *[no] A certificate was issued
}
timeline-certification-certificate-revoked-v1 = { $known ->
    [yes] The certificate for “{ $course }” was revoked
   *[no] A certificate was revoked
}
timeline-identity-person-registered-v1 = The account was opened
timeline-identity-person-updated-v1 = The account was changed
timeline-identity-person-erased-v1 = The account was erased
timeline-identity-address-change-requested-v1 = Another mail address was given, to be confirmed
timeline-identity-address-changed-v1 = The mail address was changed
timeline-notification-delivery-sent-v1 = A message was sent
timeline-notification-delivery-failed-v1 = A message could not be sent, or it is not known whether it was
timeline-notification-delivery-suppressed-v1 = A message was left unsent on purpose
timeline-identity-export-requested-v1 = All data of the account was asked for
timeline-identity-export-ready-v1 = The data of the account was ready to be downloaded
