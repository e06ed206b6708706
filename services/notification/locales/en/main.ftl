# What the four kinds of message say: mail, push and inbox take it from here.
enrolment-subject = You are enrolled: { $course }
enrolment-body = You have a seat in “{ $course }”. Read the lessons at your own pace: where you are is kept for you.
enrolment-action = Begin

new-lesson-subject = New lesson: { $lesson }
new-lesson-body = The course “{ $course }”, in which you are enrolled, has a new lesson: “{ $lesson }”.
new-lesson-action = Read it

quiz-graded-subject = Your mark: { $mark } out of { $total } ({ $quiz })
quiz-graded-body =
    { $passed ->
        [yes] You scored { $mark } out of { $total } at { $quiz }, in the course “{ $course }”: passed. Well done!
       *[no] You scored { $mark } out of { $total } at { $quiz }, in the course “{ $course }”. That is not enough to pass this time; look through the feedback before you try again.
    }
quiz-graded-action = See the course
quiz-title = “{ $title }”
quiz-untitled = the quiz

certificate-issued-subject = Your certificate: { $course }
certificate-issued-body = You completed the course “{ $course }”. Congratulations! Your certificate can be verified at any time under the code { $code }.
certificate-issued-attached = The certificate is attached as a PDF.
certificate-issued-action = Verify it online
certificate-file = certificate.pdf

# Around every mail.
mail-greeting = Hello { $name },
mail-mark = Your mark
mail-code = Its code
mail-why = You receive this mail because you have an account with { $platform }.
mail-unsubscribe = Unsubscribe from mails of this kind
mail-preferences = All settings

# Kinds and channels, in forms and lists.
kind-enrolment = Enrolments
kind-new-lesson = New lessons
kind-quiz-graded = Quiz marks
kind-certificate-issued = Certificates
channel-mail = Mail
channel-push = Push
channel-inbox = Inbox
state-queued = waiting to be sent
state-quiet = waiting for the end of quiet hours, until { $until }
state-sent = sent
state-failed = failed
state-suppressed = not sent
state-uncertain = may have been sent
reason-preference = you asked not to be told
reason-no-device = no device is registered for push
reason-erased = the account was erased

# Pages.
inbox-title = Inbox
inbox-empty = Nothing here yet. What concerns you will appear here.
inbox-unread =
    { $count ->
        [0] Everything is read.
        [one] One unread message.
       *[other] { $count } unread messages.
    }
inbox-new = New
inbox-mark-read = Mark as read
inbox-mark-all-read = Mark all as read
inbox-older = Older messages
settings-title = Notifications
settings-intro = Choose what you are told, and how.
settings-kind = About
settings-save = Save
settings-saved = Saved.
settings-recent = What was sent lately, and what was not
settings-none = Nothing yet.
push-turn-on = Turn on push on this device
push-turn-off = Turn off push on this device
push-refused = This browser did not allow it. Look at its settings for this site.
unsubscribe-title = Unsubscribe
unsubscribe-question = Do you no longer want mails of this kind: { $kind }?
unsubscribe-button = Unsubscribe
unsubscribe-done = Done: you will receive no more mails of this kind: { $kind }. You can change this in your settings at any time.
unsubscribe-invalid = This link is not valid. It may have been cut in two by a mail program: copy the whole address, or sign in and change your settings.
