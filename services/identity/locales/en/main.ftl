name = Name
name-hint = As it should stand on your certificates.
mail = Mail address
password = Password
password-hint = At least 10 characters; several words make a good one.
language = Language
time-zone = Time zone
roles = Roles
since = Registered on

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
account-title = Your account
account-button = Save
account-saved = Saved.
to-notifications = What I am told, and how
to-timeline = What has happened so far
mail-taken = There is an account with this mail address already: sign in instead.

wrong-name-length = Write your name, in 120 characters at most.
wrong-name-characters = The name holds characters that are not for names: write letters, spaces, hyphens and apostrophes.
wrong-mail = Write a mail address such as ana@example.org.
wrong-password-short = Choose a password of at least 10 characters.
wrong-password-long = Choose a password of at most 128 characters.
wrong-password-guessable = Choose a password that is not your mail address.
wrong-time-zone = Choose a time zone from the list.
wrong-language = Choose French or English.
wrong-roles = Choose at least one role.
