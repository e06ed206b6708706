# What the kinds of message say: mail, push and inbox take it from here.
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
quiz-graded-action = See the feedback
quiz-title = “{ $title }”
quiz-untitled = the quiz

certificate-issued-subject = Your certificate: { $course }
certificate-issued-body = You completed the course “{ $course }”. Congratulations! Your certificate can be verified at any time under the code { $code }.
certificate-issued-attached = The certificate is attached as a PDF.
certificate-issued-action = Verify it online
certificate-issued-read = Read it
certificate-file = certificate.pdf

certificate-revoked-subject =
    { $cause ->
        [replaced] Your certificate was replaced: { $course }
       *[unsaid] Your certificate no longer holds: { $course }
    }
certificate-revoked-body =
    { $cause ->
        [replaced] Your certificate for the course “{ $course }” no longer holds: another was issued in its place.
        [details] Your certificate for the course “{ $course }” was revoked and no longer holds. Something that it said was wrong. Its page says more.
        [mistake] Your certificate for the course “{ $course }” was revoked and no longer holds. It was issued by mistake. Its page says more.
        [conditions] Your certificate for the course “{ $course }” was revoked and no longer holds. The conditions to obtain it were not met. Its page says more.
        [request] Your certificate for the course “{ $course }” was revoked and no longer holds. You asked for it to be.
       *[unsaid] Your certificate for the course “{ $course }” was revoked and no longer holds. Its page says why.
    }
certificate-revoked-action =
    { $cause ->
        [replaced] See the certificate in its place
       *[unsaid] See its page
    }

essays-to-mark-subject = Essays to mark: { $course }
essays-to-mark-body = In the course “{ $course }”, what learners wrote waits for your mark. Until then they have no result. You are told once a day at most.
essays-to-mark-action = Mark them

message-subject = { $subject }
message-body = A message to everybody enrolled in “{ $course }”.
message-action = See the course

export-ready-subject = Your data is ready
export-ready-body = Everything that is kept of you here is ready to be downloaded, as one archive. It can be downloaded until { $until }; then it is deleted.
export-ready-action = Download it

password-reset-subject = Choose a new password
password-reset-body = Somebody, most likely you, asked for a new password for your account. The link works once, until { $until }. If it was not you, do nothing: your password stays as it is.
password-reset-action = Choose a new password

address-change-subject = Confirm your mail address
address-change-body = Somebody, most likely you, wants the mails of their account to come to this address. Open the link and confirm: it works once, until { $until }, while you are signed in. If it was not you, do nothing.
address-change-action = Confirm this address

address-changed-subject = Your mails go to another address
address-changed-body = The mail address of your account was changed: mails go to the new one from now on, and you sign in with it. If it was not you who changed it, tell the administrator of this platform at once.
address-changed-action = See my account

invitation-subject = You are invited to open an account
invitation-body = An account is waiting for you. Open it with the link below, which works once, until { $until }.
invitation-action = Open my account

test-subject = It works
test-body = This device receives your notifications.
test-action = Your devices

# Around every mail.
mail-greeting = Hello { $name },
mail-mark = Your mark
mail-code = Its code
mail-why = You receive this mail because you have an account with { $platform }.
mail-why-password = You receive this mail because somebody gave this address at { $platform } and said that they forgot their password.
mail-why-address = You receive this mail because somebody gave this address at { $platform } for their account.
mail-why-former = You receive this mail because your account with { $platform } had this address.
mail-why-invitation = You receive this mail because { $platform } invites you. If you do not want an account, do nothing: the invitation ends by itself.
mail-unsubscribe = Unsubscribe from mails of this kind
mail-preferences = All settings

# Kinds and channels, in forms and lists.
kind-enrolment = Enrolments
kind-new-lesson = New lessons
kind-message = Messages to a course
kind-quiz-graded = Quiz marks
kind-certificate-issued = Certificates
kind-certificate-revoked = Certificates that no longer hold
kind-essays-to-mark = Essays to mark
kind-export-ready = Your data
kind-password-reset = New password
kind-address-change = New mail address
kind-address-changed = Change of the mail address
kind-test = Trial of a device
channel-mail = Mail
channel-push = Push
channel-inbox = Inbox
state-queued = waiting to be sent
state-quiet = waiting for the end of quiet hours, until { $until }
state-sent = sent
state-failed = failed
state-suppressed = not sent
state-uncertain = may have been sent
reason-preference = you asked not to be told this way
reason-no-device = no device is registered for push
reason-erased = the account was erased
reason-withdrawn = it no longer held

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
inbox-newest = Newest messages
inbox-leaf = More messages
inbox-empty-courses = See the courses
message-back = All messages
settings-title = Notifications
settings-link = Choose what you are told
settings-intro = Choose what you are told, and how. Everything is told until you say otherwise.
settings-kinds = What you are told
settings-kind = About
settings-choice = { $kind }: { $channel }
settings-always = What you ask for yourself, such as a new password or your data, always comes by mail.
settings-no-device = No device receives your push messages yet.
settings-add-device = Add a device
settings-save = Save these choices
done-saved = Your choices are saved.
done-quiet = Your quiet hours are saved.
done-not-quiet = You have no quiet hours any more.

quiet-title = Quiet hours
quiet-help = In your quiet hours no mail and no push message is sent; what comes up then is sent at their end. They go by the clock of your time zone, { $zone }. The inbox is filled all the same, and a mail for a new password comes at once.
quiet-now = Every day from { $begin } to { $end }.
quiet-none = You have none: messages are sent at any hour.
quiet-begin = From
quiet-end = To
quiet-end-hint = Earlier than the beginning, it is the next day’s.
quiet-save = Save the quiet hours
quiet-stop = No quiet hours
quiet-no-time = Give a time of day, such as 22:00.
quiet-empty = Give another time than the beginning. To be left in peace for good, switch channels off above.

devices-title = Devices
devices-intro = Push messages appear on a device even when no page is open there. Turn them on at each device on which you want them.
devices-own = Your devices
devices-none = No device receives your notifications yet.
device-unnamed = A browser
device-added = Added on
device-gone = This device no longer receives anything, its push service has said on
device-gone-help = The browser was removed or its permission withdrawn. Turn on notifications there again, or remove it here.
device-try = Send a trial message
device-remove = Remove
done-tried = A trial message is on its way. It should appear on the device in a moment.
done-removed = The device is removed: it receives nothing any more.
done-too-often = You tried several times in a few minutes. Wait a little, then try again.
done-gone = This device no longer receives anything: turn on notifications there again.
push-this-device = This device
push-turn-on = Turn on notifications on this device
push-turn-off = Turn off notifications on this device
push-refused = This browser did not allow it. Look at its settings for this site.
push-failed = That did not work. Try again in a moment; there can be 20 devices at most.
push-unavailable = If nothing can be turned on here, this browser cannot receive push messages. On a telephone, add this site to the home screen first.
push-needs-script = Adding a device takes JavaScript, which is off here. Mail and inbox work without it.

deliveries-title = What was sent to you
deliveries-link = See what was sent to you, and what was not and why
deliveries-intro = Every message to you over every channel, and what became of it.
deliveries-none = Nothing yet.
deliveries-when = When
deliveries-about = About
deliveries-how = How
deliveries-state = What became of it
deliveries-older = Earlier ones
deliveries-newest = Latest ones
deliveries-leaf = More of them

unsubscribe-title = Unsubscribe
unsubscribe-question = Do you no longer want mails of this kind: { $kind }?
unsubscribe-button = Unsubscribe
unsubscribe-done = Done: you will receive no more mails of this kind: { $kind }. You can change this in your settings at any time.
unsubscribe-invalid = This link is not valid. It may have been cut in two by a mail program: copy the whole address, or sign in and change your settings.
