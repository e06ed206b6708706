platform = Estrade
skip = Skip to the content
navigation = Main menu
courses = Catalogue
learning = My learning
inbox = Inbox
certificates = Certificates
account = Account
sign-in = Sign in
sign-out = Sign out
register = Create an account
verify = Verify a certificate
language-switch = Français

form-errors = There is a problem
form-optional = (optional)
form-conflict = Somebody else saved this in the meantime. What you wrote is kept here and replaces nothing: save it to see both texts.
form-restored = This is what you wrote here before and did not send.
form-waiting-ended = You are signed out, so nothing was sent. What you wrote is kept on this device: sign in again in another tab, then press the button once more.
form-waiting-offline = No connection, so nothing was sent. What you wrote is kept on this device: press the button once more when it is back.
error-prefix = Error:

refused-400 = This request cannot be read
refused-400-help = Go back and try again; if you followed a link, it may have been cut.
refused-401 = Sign in first
refused-401-help = This page is for those who are signed in.
refused-403 = This is not open to you
refused-403-help = If you think that it should be, ask an administrator.
refused-404 = Nothing is here
refused-404-help = The address may be mistyped, or the page gone.
refused-405 = This address does not take that
refused-405-help = Go back and use the buttons of the page.
refused-409 = This cannot be done now
refused-409-help = Something changed meanwhile, or it was done already. Go back and look again.
refused-413 = This is too large
refused-413-help = Send something smaller.
refused-422 = Something is not right yet
refused-422-help = Go back and correct what you entered.
refused-429 = Too many tries
refused-429-help = Wait a little, then try again.
refused-503 = This cannot be served right now
refused-503-help = Nothing was changed. Try again in a moment.
refused-other = This did not work
refused-other-help = Go back and try again.
refused-home = Back to the catalogue

wrong-form = What was sent is incomplete or cannot be read. Go back, load the page again, and send it once more.
wrong-length = What was sent is too long. Shorten it and send it again.
wrong-character = The text holds a character that nothing can show (NUL). Take it out and send it again.
wrong-query = What follows the question mark in the address cannot be read.
wrong-origin = This came from another site. Open Estrade itself and do it there.
wrong-role = This page is for people with another role. If you think that you should have it, ask an administrator.
wrong-size = Together, the files may have at most { $megabytes } MB. Send smaller ones.
wrong-encoding = This file is no text in UTF-8. Save it as UTF-8 and send it again.

menu = Menu
teaching = Teaching
marking = Marking
administration = Administration
operations = Operations
legal = Legal notice
platform-about = Courses, quizzes and certificates.
unread = unread: %
unread-count = { $count ->
    [one] { $count } unread message
   *[other] { $count } unread messages
}

tabs-course = This course
tab-editor = Content
tab-questions = Questions
tab-roster = Learners
tab-results = Results
tab-message = Message
tabs-administration = Administration
tab-people = People
tab-invitations = Invitations
tab-enrolments = Enrolments
tab-issued = Certificates
tab-designs = Designs
tab-organisation = Organisation
tabs-account = Your account
tab-profile = Profile
tab-notifications = Notifications
tab-devices = Devices
tab-timeline = Timeline
tab-data = Your data
crumbs = You are here

pager = Pages
pager-previous = Previous
pager-next = Next
pager-page = Page { $page }
pager-of = Page { $page } of { $pages }

just-now = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
size-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}

script-saving = Saving…
script-saved = Saved
script-offline = No connection: kept on this device, and sent as soon as it is back.
script-ended = You are signed out. What you wrote is kept on this device: sign in again, and it will be sent.
script-refused = Some of this could not be saved. The reason stands beside it.
script-conflict = This was changed elsewhere, perhaps in another window: load the page again.
script-restored = What you had written on this device was put back.
script-updated = The page was updated.
script-copied = The address was copied.

offline-title = You are offline
offline-help = This page needs a connection. What you wrote in a quiz or a lesson is kept on this device and will be sent when you are back online.
offline-again = Try again
