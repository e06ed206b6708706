name = Nom
name-hint = Tel qu’il doit figurer sur vos certificats.
mail = Adresse électronique
password = Mot de passe
password-hint = Au moins 10 caractères ; plusieurs mots en font un bon.
language = Langue
time-zone = Fuseau horaire
roles = Rôles
since = Compte créé le

role-learner = apprenant
role-instructor = formateur
role-administrator = administrateur
role-operator = exploitant

register-title = Créer un compte
register-button = Créer le compte
register-known = Vous en avez déjà un ?
sign-in-title = Se connecter
sign-in-button = Se connecter
sign-in-new = Pas encore de compte ?
sign-in-wrong = L’adresse électronique ou le mot de passe est incorrect. Vérifiez les deux, puis réessayez.
account-title = Votre compte
account-button = Enregistrer
account-saved = Enregistré.
to-notifications = Ce qui m’est annoncé, et comment
to-timeline = Ce qui s’est passé jusqu’ici
mail-taken = Un compte existe déjà avec cette adresse électronique : connectez-vous plutôt.

wrong-name-length = Écrivez votre nom, en 120 caractères au plus.
wrong-name-characters = Le nom contient des caractères qui n’ont pas leur place dans un nom : écrivez des lettres, des espaces, des traits d’union et des apostrophes.
wrong-mail = Écrivez une adresse électronique telle que ana@example.org.
wrong-password-short = Choisissez un mot de passe d’au moins 10 caractères.
wrong-password-long = Choisissez un mot de passe d’au plus 128 caractères.
wrong-password-guessable = Choisissez un mot de passe différent de votre adresse électronique.
wrong-time-zone = Choisissez un fuseau horaire dans la liste.
wrong-language = Choisissez le français ou l’anglais.
wrong-roles = Choisissez au moins un rôle.
