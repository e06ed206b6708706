name = Name
name-hint = As it should stand on your certificates.
mail = Mail address
password = Password
password-hint = At least 10 characters; several words make a good one.
language = Language
time-zone = Time zone
role = Role
roles = Roles
since = Registered on
state = State
actions = Actions
line = Line
content = Content
reason = Reason
address = Postal address

role-learner = learner
role-instructor = instructor
role-administrator = administrator
role-operator = operator

register-title = Create an account
register-button = Create the account
register-known = Do you have one already?
sign-in-title = Sign in
sign-in-button = Sign in
sign-in-new = No account yet?
sign-in-wrong = The mail address or the password is wrong. Check both, then try again.

forgotten-link = Forgotten your password?
forgotten-title = Forgotten password
forgotten-lead = Write the mail address of your account: we send you a link with which you choose a new password.
forgotten-button = Send the link
forgotten-sent = If there is an account with this address, a mail with a link is on its way.
forgotten-sent-help = The link works once, for one hour. If nothing comes, look into the unwanted mail, or check the address and ask again.
forgotten-again = Ask for another link
new-password = New password
new-password-title = Choose a new password
new-password-lead = For the account of { $mail }. Wherever you are still signed in with the old one, you will have to sign in again.
new-password-button = Set the password
link-broken = This link is not whole
link-broken-help = Open it from the mail again, or copy it to its last character.
link-expired = This link has expired
link-used = This link was used already
reset-expired-help = A link to choose a password works for one hour, and the last one sent counts. Ask for another.
reset-used-help = A link to choose a password works once. If it was not you who used it, ask for another at once.

account-title = Your account
account-button = Save
account-saved = Saved.
profile-title = Profile
password-title = Password
password-lead = A new password signs you out everywhere else.
password-button = Change the password
password-saved = Your new password holds from now on.
present-password = Present password

address-link = change it
address-title = Another mail address
address-lead = Your mails go to { $mail }, and you sign in with it.
address-hint = A mail with a link goes there. Nothing changes until you have opened it.
address-sent = A mail with a link is on its way to the new address.
address-sent-help = The link works once, for one hour, while you are signed in. If nothing comes, look into the unwanted mail, or check the address and ask again.
address-question = Use this mail address?
address-lead-of = From now on your mails go to { $mail }.
address-consequence-sign-in = You sign in with it, and no longer with the one before.
address-consequence-former = A last mail to { $mail } says so.
address-button = Use it
address-back = Keep the one before
address-saved = Your new mail address holds from now on.
address-refused-help = A link to confirm an address works once, for one hour, for the account that asked for it, and the last one sent counts.

data-title = Your data
export-title = Take your data along
export-lead = Everything that Estrade keeps of you, as one archive: a page to read in a browser, files for programs, and your certificates.
export-button = Export my data
export-again = Export anew
export-underway = Your export is being put together. You can leave this page: a message tells you when it is ready.
export-missing = { $count ->
    [one] One part is still missing:
   *[other] { $count } parts are still missing:
}
export-ready = Your export is ready.
export-download = Download
export-until = It is deleted on
export-failed = The export could not be put together. Try again; if it fails again, tell an administrator.
no-such-export = There is no such archive, or it has expired. Ask for another under “Your data”.
export-of = What Estrade keeps of { $name }
export-made = As of { $made }.
export-files = The same is in the files beside this page, in JSON, for programs.
export-documents = Documents
export-identity = Account
export-identity-about = Who you are here.
export-learning = Learning
export-learning-about = Your enrolments, the lessons that you read, and what you completed.
export-assessment = Quizzes
export-assessment-about = Your attempts, your answers and your marks.
export-certification = Certificates
export-certification-about = The certificates issued to you; their PDFs are in the folder “documents”.
export-notification = Messages
export-notification-about = What you were told and how, your preferences and your devices.
export-catalog = Courses
export-catalog-about = The courses that you teach.
export-insight = Timeline
export-insight-about = What happened to you, and when.

erase-heading = Erasing
erase-about = Your account can be erased, here and in everything that Estrade keeps.
erase-link = Erase my account…
erase-link-person = Erase this account…
erase-title = Erase your account
erase-lead = This cannot be undone. Take your data along first, if you may need them.
erase-button = Erase my account for ever
erase-back = Keep it
erase-forgotten = Name, mail address, password, messages, devices and answers are forgotten, in every part of Estrade.
erase-learning = Enrolments and marks stay as numbers that name nobody: they are part of the courses’ statistics.
erase-certificates = Certificates can still be verified by their code, so that a copy on paper is told from a forgery; they no longer say whose they are, and their PDFs are deleted.
erase-books = That something was sent, and when, stays in the books for up to 30 days, without its content.
erase-for-ever = The mail address is free again: a new account with it begins empty.
erase-own = Erase your own account on the page “Your data”.
erased-title = Your account is erased
erased-lead = All parts of Estrade are being told, and forget who you were. Goodbye, and thank you for having been here.

people-title = People
people-count = { $count ->
    [0] No one matches.
    [one] One person
   *[other] { $count } people
}
search-people = Name or mail address
search-button = Search
any-role = Any role
person-rights = Name, roles and language
person-name-hint = Certificates that were issued keep the name they bear: issue others in their place.
person-certificates = Certificates under this name
person-timeline = What happened to this person
roles-hint = Other roles end every session that is open: the person signs in again.
person-erased = The account is erased; all parts of Estrade are being told.
password-link-lead = Sends a mail with a link to choose a new password. Nobody else sees the link.
password-link-button = Send a link
password-link-sent = A mail with a link is on its way.
erase-person-about = The account can be erased, here and in everything that Estrade keeps.
erase-person-title = Erase the account of { $name }
erase-person-lead = This cannot be undone.
erase-person-button = Erase this account for ever

invitations-title = Invitations
invitations-count = { $count ->
    [0] Nobody has been invited yet.
    [one] One invitation
   *[other] { $count } invitations
}
invitations-sent = { $count ->
    [0] No invitation was sent.
    [one] One invitation is on its way.
   *[other] { $count } invitations are on their way.
}
invitations-were-sent = { $count ->
    [one] One person had an invitation that still works: nothing was sent anew.
   *[other] { $count } people had an invitation that still works: nothing was sent anew.
}
invitations-refused = { $count ->
    [one] One line was refused
   *[other] { $count } lines were refused
}
invitations-refused-help = What was refused stands in the form below: mend it there and send it again.
invitations-rest = { $count ->
    [one] At most { $most } people are invited at once: { $count } more line waits in the form below.
   *[other] At most { $most } people are invited at once: { $count } more lines wait in the form below.
}
invitation-waiting = waiting, until { $until }
invitation-expired = expired on { $until }
invitation-accepted = accepted
invitation-state-withdrawn = withdrawn
invitation-nobody = forgotten
invitation-withdrawn = The invitation is withdrawn; its link no longer works.
invitation-sent-again = The invitation is on its way again; the link before no longer works.
invitation-was-sent = This person has an invitation that still works: nothing was sent anew.
invite-one-title = Invite somebody
invite-many-title = Invite many
invite-lead = Whoever is invited gets a mail with a link, and chooses a password there. The link works for 14 days.
invite-button = Invite
invite-list = People, one on each line
invite-list-hint = Name, mail address, language (en or fr) and roles, between commas, semicolons or tabs; the last two may be missing. For example: Ana Silva,ana@example.org,en,learner
invite-file = Or a CSV file
invite-language-hint = For lines that do not say.
invite-empty = Write at least one line, or choose a file.
invite-too-large = Choose a file of at most 512 kB, and send a longer list in parts.
invite-not-text = This file is no text in UTF-8. Save the sheet as CSV (UTF-8) and choose that file.
invite-has-account = There is an account with this mail address already.
invite-role = “{ $role }” is no role that can be given here: write learner, instructor or administrator.
invite-unreadable = This line and what follows cannot be read: look for a quotation mark that is not closed.
resend = Send again
withdraw = Withdraw
withdraw-title = Withdraw this invitation?
withdraw-lead = The invitation of { $name }, { $mail }.
withdraw-consequence-link = Its link no longer works from now on; if the mail was not sent yet, it is not.
withdraw-consequence-forgotten = The name and the address are forgotten: the list only says that an invitation was withdrawn.
withdraw-consequence-again = The same person can be invited again.
withdraw-back = Keep it
sent-on = Sent on

invitation-title = Welcome
invitation-lead = You are invited to Estrade. Choose a password, and your account is open.
invitation-lead-of = { $organisation } invites you to Estrade. Choose a password, and your account is open.
invitation-button = Open the account
invitation-expired-help = It was sent again since, withdrawn, or its time is over. Ask whoever invited you to send another.
invitation-used-help = The account is open: sign in with your mail address and your password.

organisation-title = Organisation
organisation-lead = This stands on certificates and in mails, and everybody can read it:
organisation-name = Name of the organisation
activity-number = Activity number
activity-number-hint = The number under which a training provider is registered.
representative = Represented by
representative-hint = Who signs the certificates.
capacity = In the capacity of
capacity-hint = Such as “director”.
place = Place of signature
place-hint = The town that certificates name beside their date. Left empty, it is as the platform was set up.
retention-years = Years of keeping
retention-years-hint = For how long you keep what a certificate rests on, as the certificat de réalisation says. Left empty, it is as the platform was set up.
legal-fr = Legal mentions in French
legal-en = Legal mentions in English
legal-hint = Plain text; an empty line begins a new paragraph.
logo = Picture
logo-title = Logo
logo-hint = PNG, JPEG or WebP, at most 512 kB and 4,096 pixels on each side.
logo-button = Show this logo
logo-remove = Remove the logo
logo-present = The present logo
logo-none = No logo yet: Estrade’s own is shown.
legal-title = Legal notice
legal-activity-number = Registered as a training provider under number { $number }. This registration is no approval by the State.
legal-none = Nothing has been written here yet.

mail-taken = There is an account with this mail address already: sign in instead.
last-administrator = This is the last administrator: make somebody else one first.
changed-meanwhile = Somebody else changed this at the same time. Look again, then try again.
no-such-person = There is no such person, or the account is erased.
no-such-invitation = This invitation was accepted or withdrawn.
invited-has-account = There is an account with this mail address by now, and the invitation can open no other. Withdraw it.
too-many-tries = { $minutes ->
    [one] Too many tries. Wait a minute, then try again.
   *[other] Too many tries. Wait { $minutes } minutes, then try again.
}
administrators-only = Only administrators may do this.

wrong-name-length = Write the name, in 120 characters at most.
wrong-name-characters = The name holds characters that are not for names: write letters, spaces, hyphens and apostrophes.
wrong-mail = Write a mail address such as ana@example.org.
wrong-password-short = Choose a password of at least 10 characters.
wrong-password-long = Choose a password of at most 128 characters.
wrong-password-guessable = Choose a password that is not your mail address.
wrong-present-mail = This is your mail address already.
wrong-present-password = This is not your present password.
wrong-time-zone = Choose a time zone from the list.
wrong-language = Choose French or English.
wrong-roles = Choose at least one role.
wrong-text-long = Write { $most } characters at most.
wrong-text-characters = The text holds characters that cannot be seen: take them out.
wrong-organisation-name = Write the name of the organisation, in 200 characters at most.
wrong-lines = Write { $most } lines at most.
wrong-years = Write a number of years, from 1 to { $most }.
wrong-picture-kind = Choose a PNG, JPEG or WebP picture. SVG cannot be taken: it may hold scripts.
wrong-picture-large = Choose a picture of at most 512 kB.
wrong-picture-size = Choose a picture of 16 to 4,096 pixels on each side.
