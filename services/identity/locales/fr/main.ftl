name = Nom
name-hint = Tel qu’il doit figurer sur vos certificats.
mail = Adresse électronique
password = Mot de passe
password-hint = Au moins 10 caractères ; plusieurs mots en font un bon.
language = Langue
time-zone = Fuseau horaire
role = Rôle
roles = Rôles
since = Compte créé le
state = État
actions = Actions
line = Ligne
content = Contenu
reason = Motif
address = Adresse postale

role-learner = apprenant
role-instructor = formateur
role-administrator = administrateur
role-operator = exploitant

register-title = Créer un compte
register-button = Créer le compte
register-known = Vous en avez déjà un ?
sign-in-title = Se connecter
sign-in-button = Se connecter
sign-in-new = Pas encore de compte ?
sign-in-wrong = L’adresse électronique ou le mot de passe est incorrect. Vérifiez les deux, puis réessayez.

forgotten-link = Mot de passe oublié ?
forgotten-title = Mot de passe oublié
forgotten-lead = Écrivez l’adresse électronique de votre compte : nous vous envoyons un lien qui permet de choisir un nouveau mot de passe.
forgotten-button = Envoyer le lien
forgotten-sent = Si un compte existe avec cette adresse, un message contenant un lien est en route.
forgotten-sent-help = Le lien fonctionne une fois, pendant une heure. Si rien n’arrive, regardez parmi les indésirables, ou vérifiez l’adresse et recommencez.
forgotten-again = Demander un autre lien
new-password = Nouveau mot de passe
new-password-title = Choisir un nouveau mot de passe
new-password-lead = Pour le compte de { $mail }. Partout où vous êtes encore connecté avec l’ancien, il faudra vous connecter de nouveau.
new-password-button = Enregistrer le mot de passe
link-broken = Ce lien est incomplet
link-broken-help = Ouvrez-le de nouveau depuis le message, ou copiez-le jusqu’au dernier caractère.
link-expired = Ce lien a expiré
link-used = Ce lien a déjà servi
reset-expired-help = Un lien pour choisir un mot de passe fonctionne pendant une heure, et c’est le dernier envoyé qui compte. Demandez-en un autre.
reset-used-help = Un lien pour choisir un mot de passe ne sert qu’une fois. Si ce n’est pas vous qui l’avez utilisé, demandez-en un autre sans attendre.

account-title = Votre compte
account-button = Enregistrer
account-saved = Enregistré.
profile-title = Profil
password-title = Mot de passe
password-lead = Un nouveau mot de passe vous déconnecte partout ailleurs.
password-button = Changer le mot de passe
password-saved = Votre nouveau mot de passe est en vigueur.
present-password = Mot de passe actuel

address-link = la changer
address-title = Changer d’adresse électronique
address-lead = Vos courriels vont à { $mail }, et vous vous connectez avec cette adresse.
address-hint = Un courriel avec un lien y est envoyé. Rien ne change tant que vous ne l’avez pas ouvert.
address-sent = Un courriel avec un lien est en route vers la nouvelle adresse.
address-sent-help = Le lien fonctionne une seule fois, pendant une heure, tant que vous êtes connecté. Si rien n’arrive, regardez parmi les indésirables, ou vérifiez l’adresse et recommencez.
address-question = Utiliser cette adresse électronique ?
address-lead-of = Dès maintenant, vos courriels vont à { $mail }.
address-consequence-sign-in = Vous vous connectez avec elle, et plus avec la précédente.
address-consequence-former = Un dernier courriel à { $mail } le dit.
address-button = L’utiliser
address-back = Garder la précédente
address-saved = Votre nouvelle adresse électronique est en vigueur.
address-refused-help = Un lien qui confirme une adresse fonctionne une seule fois, pendant une heure, pour le compte qui l’a demandé, et seul le dernier envoyé compte.

data-title = Vos données
export-title = Emporter vos données
export-lead = Tout ce qu’Estrade conserve à votre sujet, en une seule archive : une page à lire dans un navigateur, des fichiers pour les programmes, et vos certificats.
export-button = Exporter mes données
export-again = Exporter à nouveau
export-underway = Votre export est en préparation. Vous pouvez quitter cette page : un message vous préviendra lorsqu’il sera prêt.
export-missing = { $count ->
    [one] Il manque encore une partie :
   *[other] Il manque encore { $count } parties :
}
export-ready = Votre export est prêt.
export-download = Télécharger
export-until = Il sera supprimé le
export-failed = L’export n’a pas pu être préparé. Réessayez ; si cela échoue encore, prévenez un administrateur.
no-such-export = Cette archive n’existe pas, ou elle a expiré. Demandez-en une autre sous « Vos données ».
export-of = Ce qu’Estrade conserve au sujet de { $name }
export-made = État au { $made }.
export-files = Les fichiers joints à cette page contiennent la même chose, en JSON, pour les programmes.
export-documents = Documents
export-identity = Compte
export-identity-about = Qui vous êtes ici.
export-learning = Formations
export-learning-about = Vos inscriptions, les leçons que vous avez lues et ce que vous avez achevé.
export-assessment = Quiz
export-assessment-about = Vos tentatives, vos réponses et vos notes.
export-certification = Certificats
export-certification-about = Les certificats qui vous ont été délivrés ; leurs PDF se trouvent dans le dossier « documents ».
export-notification = Messages
export-notification-about = Ce qui vous a été annoncé et comment, vos préférences et vos appareils.
export-catalog = Formations
export-catalog-about = Les formations que vous animez.
export-insight = Historique
export-insight-about = Ce qui vous est arrivé, et quand.

erase-heading = Suppression
erase-about = Votre compte peut être supprimé, ici et dans tout ce qu’Estrade conserve.
erase-link = Supprimer mon compte…
erase-link-person = Supprimer ce compte…
erase-title = Supprimer votre compte
erase-lead = C’est irréversible. Emportez d’abord vos données, si vous risquez d’en avoir besoin.
erase-button = Supprimer définitivement mon compte
erase-back = Le conserver
erase-forgotten = Le nom, l’adresse électronique, le mot de passe, les messages, les appareils et les réponses sont oubliés, dans toutes les parties d’Estrade.
erase-learning = Les inscriptions et les notes restent, sous forme de chiffres qui ne nomment personne : elles font partie des statistiques des formations.
erase-certificates = Les certificats restent vérifiables par leur code, pour qu’une copie sur papier se distingue d’un faux ; ils ne disent plus à qui ils sont, et leurs PDF sont supprimés.
erase-books = Le fait que quelque chose a été envoyé, et quand, reste dans les journaux pendant 30 jours au plus, sans son contenu.
erase-for-ever = L’adresse électronique redevient libre : un nouveau compte à cette adresse commence vide.
erase-own = Supprimez votre propre compte depuis la page « Vos données ».
erased-title = Votre compte est supprimé
erased-lead = Toutes les parties d’Estrade en sont informées et oublient qui vous étiez. Au revoir, et merci d’être venu.

people-title = Personnes
people-count = { $count ->
    [0] Personne ne correspond.
    [one] { $count } personne
   *[other] { $count } personnes
}
search-people = Nom ou adresse électronique
search-button = Rechercher
any-role = Tous les rôles
person-rights = Nom, rôles et langue
person-name-hint = Les certificats déjà délivrés gardent le nom qu’ils portent : délivrez-en d’autres à leur place.
person-certificates = Certificats à ce nom
person-timeline = Ce qui est arrivé à cette personne
roles-hint = De nouveaux rôles mettent fin à toute session ouverte : la personne se reconnecte.
person-erased = Le compte est supprimé ; toutes les parties d’Estrade en sont informées.
password-link-lead = Envoie un message avec un lien pour choisir un nouveau mot de passe. Personne d’autre ne voit ce lien.
password-link-button = Envoyer un lien
password-link-sent = Un message contenant un lien est en route.
erase-person-about = Ce compte peut être supprimé, ici et dans tout ce qu’Estrade conserve.
erase-person-title = Supprimer le compte de { $name }
erase-person-lead = C’est irréversible.
erase-person-button = Supprimer définitivement ce compte

invitations-title = Invitations
invitations-count = { $count ->
    [0] Personne n’a encore été invité.
    [one] { $count } invitation
   *[other] { $count } invitations
}
invitations-sent = { $count ->
    [0] Aucune invitation n’a été envoyée.
    [one] { $count } invitation est en route.
   *[other] { $count } invitations sont en route.
}
invitations-were-sent = { $count ->
    [one] { $count } personne avait une invitation encore valable : rien n’a été renvoyé.
   *[other] { $count } personnes avaient une invitation encore valable : rien n’a été renvoyé.
}
invitations-refused = { $count ->
    [one] { $count } ligne a été refusée
   *[other] { $count } lignes ont été refusées
}
invitations-refused-help = Ce qui a été refusé figure dans le formulaire ci-dessous : corrigez-le et renvoyez-le.
invitations-rest = { $count ->
    [one] { $most } personnes au plus sont invitées à la fois : { $count } ligne de plus attend dans le formulaire ci-dessous.
   *[other] { $most } personnes au plus sont invitées à la fois : { $count } lignes de plus attendent dans le formulaire ci-dessous.
}
invitation-waiting = en attente, jusqu’au { $until }
invitation-expired = expirée le { $until }
invitation-accepted = acceptée
invitation-state-withdrawn = retirée
invitation-nobody = oublié
invitation-withdrawn = L’invitation est retirée ; son lien ne fonctionne plus.
invitation-sent-again = L’invitation est de nouveau en route ; le lien précédent ne fonctionne plus.
invitation-was-sent = Cette personne a une invitation encore valable : rien n’a été renvoyé.
invite-one-title = Inviter une personne
invite-many-title = Inviter plusieurs personnes
invite-lead = Toute personne invitée reçoit un message avec un lien, et y choisit un mot de passe. Le lien fonctionne pendant 14 jours.
invite-button = Inviter
invite-list = Personnes, une par ligne
invite-list-hint = Nom, adresse électronique, langue (fr ou en) et rôles, séparés par des virgules, des points-virgules ou des tabulations ; les deux derniers sont facultatifs. Par exemple : Ana Silva;ana@example.org;fr;apprenant
invite-file = Ou un fichier CSV
invite-language-hint = Pour les lignes qui ne la précisent pas.
invite-empty = Écrivez au moins une ligne, ou choisissez un fichier.
invite-too-large = Choisissez un fichier de 512 ko au plus, et envoyez une liste plus longue en plusieurs fois.
invite-not-text = Ce fichier n’est pas du texte en UTF-8. Enregistrez la feuille en CSV (UTF-8) et choisissez ce fichier.
invite-has-account = Un compte existe déjà avec cette adresse électronique.
invite-role = « { $role } » n’est pas un rôle que l’on peut donner ici : écrivez apprenant, formateur ou administrateur.
invite-unreadable = Cette ligne et la suite sont illisibles : cherchez un guillemet qui n’est pas fermé.
resend = Renvoyer
withdraw = Retirer
withdraw-title = Retirer cette invitation ?
withdraw-lead = L’invitation de { $name }, { $mail }.
withdraw-consequence-link = Son lien ne fonctionne plus dès maintenant ; si le courriel n’est pas encore parti, il ne part pas.
withdraw-consequence-forgotten = Le nom et l’adresse sont oubliés : la liste dit seulement qu’une invitation a été retirée.
withdraw-consequence-again = La même personne peut être invitée de nouveau.
withdraw-back = La garder
sent-on = Envoyée le

invitation-title = Bienvenue
invitation-lead = Vous êtes invité à rejoindre Estrade. Choisissez un mot de passe, et votre compte est ouvert.
invitation-lead-of = { $organisation } vous invite à rejoindre Estrade. Choisissez un mot de passe, et votre compte est ouvert.
invitation-button = Ouvrir le compte
invitation-expired-help = Elle a été renvoyée depuis, retirée, ou son délai est passé. Demandez à la personne qui vous a invité d’en envoyer une autre.
invitation-used-help = Le compte est ouvert : connectez-vous avec votre adresse électronique et votre mot de passe.

organisation-title = Organisme
organisation-lead = Ceci figure sur les certificats et dans les messages, et chacun peut le lire :
organisation-name = Nom de l’organisme
activity-number = Numéro de déclaration d’activité
activity-number-hint = Le numéro sous lequel un organisme de formation est enregistré.
representative = Représenté par
representative-hint = La personne qui signe les certificats.
capacity = En qualité de
capacity-hint = Par exemple « directrice ».
place = Lieu de signature
place-hint = La ville que les certificats indiquent à côté de la date. Laissé vide, c’est celui de l’installation.
retention-years = Années de conservation
retention-years-hint = Combien de temps vous conservez les pièces justificatives d’un certificat, comme le dit le certificat de réalisation. Laissé vide, c’est la durée de l’installation.
legal-fr = Mentions légales en français
legal-en = Mentions légales en anglais
legal-hint = Texte simple ; une ligne vide commence un nouveau paragraphe.
logo = Image
logo-title = Logo
logo-hint = PNG, JPEG ou WebP, de 512 ko et 4 096 pixels de côté au plus.
logo-button = Afficher ce logo
logo-remove = Retirer le logo
logo-present = Le logo actuel
logo-none = Pas encore de logo : celui d’Estrade est affiché.
legal-title = Mentions légales
legal-activity-number = Déclaration d’activité enregistrée sous le numéro { $number }. Cet enregistrement ne vaut pas agrément de l’État.
legal-none = Rien n’a encore été écrit ici.

mail-taken = Un compte existe déjà avec cette adresse électronique : connectez-vous plutôt.
last-administrator = C’est le dernier administrateur : donnez d’abord ce rôle à quelqu’un d’autre.
changed-meanwhile = Quelqu’un d’autre a modifié ceci au même moment. Vérifiez, puis réessayez.
no-such-person = Cette personne n’existe pas, ou son compte est supprimé.
no-such-invitation = Cette invitation a été acceptée ou retirée.
invited-has-account = Un compte existe désormais avec cette adresse électronique, et l’invitation n’en ouvrira pas d’autre. Retirez-la.
too-many-tries = { $minutes ->
    [one] Trop de tentatives. Patientez { $minutes } minute, puis réessayez.
   *[other] Trop de tentatives. Patientez { $minutes } minutes, puis réessayez.
}
administrators-only = Cette page est réservée aux administrateurs.

wrong-name-length = Écrivez le nom, en 120 caractères au plus.
wrong-name-characters = Le nom contient des caractères qui n’ont pas leur place dans un nom : écrivez des lettres, des espaces, des traits d’union et des apostrophes.
wrong-mail = Écrivez une adresse électronique telle que ana@example.org.
wrong-password-short = Choisissez un mot de passe d’au moins 10 caractères.
wrong-password-long = Choisissez un mot de passe d’au plus 128 caractères.
wrong-password-guessable = Choisissez un mot de passe différent de votre adresse électronique.
wrong-present-mail = C’est déjà votre adresse électronique.
wrong-present-password = Ce n’est pas votre mot de passe actuel.
wrong-time-zone = Choisissez un fuseau horaire dans la liste.
wrong-language = Choisissez le français ou l’anglais.
wrong-roles = Choisissez au moins un rôle.
wrong-text-long = Écrivez { $most } caractères au plus.
wrong-text-characters = Le texte contient des caractères invisibles : retirez-les.
wrong-organisation-name = Écrivez le nom de l’organisme, en 200 caractères au plus.
wrong-lines = Écrivez { $most } lignes au plus.
wrong-years = Écrivez un nombre d’années, de 1 à { $most }.
wrong-picture-kind = Choisissez une image PNG, JPEG ou WebP. Le SVG n’est pas accepté : il peut contenir des scripts.
wrong-picture-large = Choisissez une image de 512 ko au plus.
wrong-picture-size = Choisissez une image de 16 à 4 096 pixels de côté.
