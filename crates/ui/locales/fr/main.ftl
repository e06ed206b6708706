platform = Estrade
skip = Aller au contenu
navigation = Menu principal
courses = Catalogue
learning = Mes formations
inbox = Messages
certificates = Certificats
account = Compte
sign-in = Se connecter
sign-out = Se déconnecter
register = Créer un compte
verify = Vérifier un certificat
language-switch = English

form-errors = Il y a un problème
form-optional = (facultatif)
form-conflict = Quelqu’un d’autre a enregistré entre-temps. Ce que vous avez écrit est gardé ici et ne remplace rien : enregistrez pour voir les deux textes.
form-restored = Voici ce que vous aviez écrit ici sans l’envoyer.
form-waiting-ended = Vous êtes déconnecté : rien n’a été envoyé. Ce que vous avez écrit est gardé sur cet appareil : reconnectez-vous dans un autre onglet, puis appuyez de nouveau sur le bouton.
form-waiting-offline = Pas de connexion : rien n’a été envoyé. Ce que vous avez écrit est gardé sur cet appareil : appuyez de nouveau sur le bouton dès qu’elle reviendra.
error-prefix = Erreur :

refused-400 = Cette demande est illisible
refused-400-help = Revenez en arrière et réessayez ; si vous avez suivi un lien, il est peut-être tronqué.
refused-401 = Connectez-vous d’abord
refused-401-help = Cette page est réservée aux personnes connectées.
refused-403 = Cette page ne vous est pas ouverte
refused-403-help = Si vous pensez qu’elle devrait l’être, adressez-vous à un administrateur.
refused-404 = Il n’y a rien ici
refused-404-help = L’adresse est peut-être mal saisie, ou la page a disparu.
refused-405 = Cette adresse ne permet pas cela
refused-405-help = Revenez en arrière et utilisez les boutons de la page.
refused-409 = C’est impossible pour le moment
refused-409-help = Quelque chose a changé entre-temps, ou c’est déjà fait. Revenez en arrière et vérifiez.
refused-413 = C’est trop volumineux
refused-413-help = Envoyez quelque chose de plus petit.
refused-422 = Il reste quelque chose à corriger
refused-422-help = Revenez en arrière et corrigez votre saisie.
refused-429 = Trop de tentatives
refused-429-help = Patientez un peu, puis réessayez.
refused-503 = Le service est momentanément indisponible
refused-503-help = Rien n’a été modifié. Réessayez dans un instant.
refused-other = Cela n’a pas fonctionné
refused-other-help = Revenez en arrière et réessayez.
refused-home = Retour au catalogue

wrong-form = L’envoi est incomplet ou illisible. Revenez en arrière, rechargez la page et recommencez.
wrong-length = L’envoi est trop long. Raccourcissez-le et recommencez.
wrong-character = Le texte contient un caractère que rien ne peut afficher (NUL). Retirez-le et recommencez.
wrong-query = Ce qui suit le point d’interrogation dans l’adresse est illisible.
wrong-origin = Cette demande venait d’un autre site. Ouvrez Estrade et faites-la depuis ses pages.
wrong-role = Cette page est réservée à un autre rôle. Si vous pensez devoir l’avoir, adressez-vous à un administrateur.
wrong-size = Les fichiers ne doivent pas dépasser { $megabytes } Mo au total. Envoyez-en de plus petits.
wrong-encoding = Ce fichier n’est pas du texte en UTF-8. Enregistrez-le en UTF-8 et recommencez.

menu = Menu
teaching = Enseigner
marking = À corriger
administration = Administration
operations = Supervision
legal = Mentions légales
platform-about = Des formations, des quiz et des certificats.
unread = non lus : %
unread-count = { $count ->
    [one] { $count } message non lu
   *[other] { $count } messages non lus
}

tabs-course = Cette formation
tab-editor = Contenu
tab-questions = Questions
tab-roster = Participants
tab-results = Résultats
tab-message = Message
tabs-administration = Administration
tab-people = Personnes
tab-invitations = Invitations
tab-enrolments = Inscriptions
tab-issued = Certificats
tab-designs = Modèles
tab-organisation = Organisme
tabs-account = Votre compte
tab-profile = Profil
tab-notifications = Notifications
tab-devices = Appareils
tab-timeline = Historique
tab-data = Vos données
crumbs = Vous êtes ici

pager = Pages
pager-previous = Précédente
pager-next = Suivante
pager-page = Page { $page }
pager-of = Page { $page } sur { $pages }

just-now = à l’instant
ago-minutes = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
ago-hours = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
ago-days = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
in-minutes = { $count ->
    [one] dans { $count } minute
   *[other] dans { $count } minutes
}
in-hours = { $count ->
    [one] dans { $count } heure
   *[other] dans { $count } heures
}
in-days = { $count ->
    [one] dans { $count } jour
   *[other] dans { $count } jours
}
size-bytes = { $count ->
    [one] { $count } octet
   *[other] { $count } octets
}

script-saving = Enregistrement…
script-saved = Enregistré
script-offline = Pas de connexion : c’est gardé sur cet appareil et sera envoyé dès qu’elle reviendra.
script-ended = Vous êtes déconnecté. Ce que vous avez écrit est gardé sur cet appareil : reconnectez-vous, et ce sera envoyé.
script-refused = Une partie n’a pas pu être enregistrée. La raison figure à côté.
script-conflict = Ceci a été modifié ailleurs, peut-être dans une autre fenêtre : rechargez la page.
script-restored = Ce que vous aviez écrit sur cet appareil a été remis en place.
script-updated = La page a été mise à jour.
script-copied = L’adresse a été copiée.

offline-title = Vous êtes hors ligne
offline-help = Cette page a besoin d’une connexion. Ce que vous avez écrit dans un quiz ou une leçon est gardé sur cet appareil et sera envoyé dès votre retour en ligne.
offline-again = Réessayer
