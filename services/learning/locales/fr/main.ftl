learning-title = Mes formations
learning-none = Vous n’êtes inscrit à aucune formation pour l’instant.
learning-courses = Trouver une formation
learning-first = Choisir une formation dans le catalogue
group-underway = En cours
group-completed = Terminées
group-left = Quittées
just-enrolled = Vous êtes inscrit à « { $title } ».
just-left = Vous avez quitté « { $title } ». Ce que vous avez fait est conservé, au cas où vous reviendriez.
last-activity = Dernière activité :
content = Leçons et quiz

offer-awaited = Cette formation n’est pas encore arrivée ici. Si elle vient d’être publiée, elle apparaîtra d’elle-même, ou quand vous revérifierez.
offer-look-again = Revérifier maintenant
offer-withdrawn = Cette formation a été retirée : on ne peut plus s’y inscrire.
offer-open = Vous n’êtes pas encore inscrit à cette formation. Inscrivez-vous pour suivre vos leçons et passer ses quiz.
enrol = S’inscrire
enrol-again = Se réinscrire et reprendre où vous en étiez
cancel = Quitter cette formation
cancel-title = Quitter cette formation ?
cancel-kept = Les leçons que vous avez lues et les quiz que vous avez réussis sont conservés : vous les retrouverez si vous revenez.
cancel-closed = D’ici là, vous ne pourrez plus passer ses quiz ni recevoir de messages à son sujet.
cancel-not = Rester inscrit

enrolled-on = Inscription du { $date }
state-completed = Terminée le { $date }
since-completed = Le { $date }
pill-completed = Formation terminée
state-cancelled = Inscription annulée
course-withdrawn = Cette formation a été retirée ; ce que vous avez fait est conservé.
steps = { $all ->
    [one] { $done } étape faite sur { $all }
   *[other] { $done ->
        [one] { $done } étape faite sur { $all }
       *[other] { $done } étapes faites sur { $all }
    }
}
next-lesson = Leçon suivante : { $title }
next-quiz = À suivre : { $title }
to-certificates = Mes certificats
awaited-grader = « { $title } » est en cours de notation : le résultat apparaîtra ici de lui-même.
awaited-person = « { $title } » attend d’être corrigé par une personne : vous serez prévenu dès que la note sera là.

lessons = Leçons
lesson-read = lue
optional = (facultatif)
quizzes = Quiz
quiz-not-taken = Pas encore de note
quiz-graded-now = en cours de notation
quiz-marked-soon = attend d’être corrigé par une personne
quiz-passed = Meilleure note : { $mark } / { $outof }, réussi
quiz-failed = Meilleure note : { $mark } / { $outof }, pas encore réussi

teaching = Enseigner
roster-title = Participants
course-unpublished = Personne ne peut suivre cette formation avant sa publication. Les personnes inscrites apparaîtront ici.
roster-none = Personne n’est encore inscrit. Inscrivez la première personne ci-dessous, ou attendez qu’on trouve la formation dans le catalogue.
stat-enrolled = { $count ->
    [one] personne inscrite
   *[other] personnes inscrites
}
stat-completed = { $count ->
    [one] a terminé la formation
   *[other] ont terminé la formation
}
roster-found = { $count ->
    [0] Personne ne correspond.
    [one] { $count } participant
   *[other] { $count } participants
}
roster-search = Afficher
roster-q = Nom ou adresse
roster-show = Lesquels
roster-sort = Trier par
roster-download = Télécharger cette liste (CSV)
roster-file = participants
roster-enrolled = Inscription faite. La personne en est prévenue par courriel.
roster-already = Cette personne était déjà inscrite : rien n’a changé.
roster-removed = La personne a été retirée de la formation.
show-everybody = Tout le monde
show-underway = En cours
show-completed = Formation terminée
sort-name = Nom
sort-progress = Les plus avancés
sort-activity = Activité la plus récente
sort-silence = Plus longue inactivité
sort-enrolled = Inscription la plus récente
person-awaited = Nouveau participant (le nom va arriver)
enrol-title = Inscrire quelqu’un
enrol-person = Inscrire cette personne
enrol-mail = Adresse électronique
enrol-mail-hint = D’une personne qui a un compte ici.
enrol-no-mail = Saisissez une adresse complète, comme ana@example.org.
enrol-unknown-mail = Personne n’a de compte avec cette adresse. Invitez d’abord cette personne, puis inscrivez-la.
enrol-unknown-mail-ask = Personne n’a de compte avec cette adresse. Demandez à un administrateur de l’inviter, puis inscrivez-la.
to-invitations = Inviter des personnes
never-active = Pas encore
not-read = Pas lue
remove = Retirer de la formation
remove-title = Retirer cette personne de la formation ?
remove-told = Elle ne pourra plus passer les quiz ni recevoir de messages au sujet de la formation.
remove-kept = Ce qu’elle a fait est conservé, au cas où elle serait réinscrite.
remove-not = La laisser inscrite

column-name = Nom
column-mail = Adresse électronique
column-progress = Progression
column-done = Étapes faites
column-all = Étapes en tout
column-state = État
column-enrolled = Inscription
column-active = Dernière activité
column-completed = Formation terminée
column-lesson = Leçon
column-read = Lecture
column-quiz = Quiz
column-result = Résultat
column-date = Date
column-author = Par
column-new = Inscrits
column-already = Déjà inscrits
column-refused = Refusées
column-line = Ligne
column-course = Formation
column-language = Langue
column-reason = Raison

message-title = Message aux participants
message-recipients = { $count ->
    [0] Personne n’est encore inscrit : il n’y a personne à qui écrire.
    [one] Un nouveau message sera envoyé à { $count } personne inscrite.
   *[other] Un nouveau message sera envoyé à { $count } personnes inscrites.
}
message-subject = Objet
message-text = Texte
message-text-hint = Markdown : **gras**, *italique*, listes et liens.
message-preview = Aperçu
preview-title = Relire avant l’envoi
message-send = Envoyer maintenant
message-change = Modifier
message-sent = { $count ->
    [one] Envoyé à { $count } personne.
   *[other] Envoyé à { $count } personnes.
}
message-about = { $count ->
    [one] { $date }, par { $author }, à { $count } personne
   *[other] { $date }, par { $author }, à { $count } personnes
}
author-unknown = quelqu’un qui n’est plus ici
sent-title = Messages envoyés
sent-none = Aucun message n’a encore été envoyé aux participants.
sent-text = Lire
subject-missing = Saisissez un objet.
subject-long = Raccourcissez l’objet à { $most } caractères.
text-missing = Saisissez le texte du message.
text-long = Raccourcissez le texte à { $most } caractères.

uploads-title = Inscrire plusieurs personnes
uploads-lead = Une ligne par inscription : une adresse électronique, la clé d’une formation et, si vous le souhaitez, la langue de cette formation. Qui est déjà inscrit le reste.
uploads-example = Exemple
upload-text = Lignes
upload-text-hint = Séparées par des virgules, des points-virgules ou des tabulations, telles que copiées d’un tableur.
upload-file = Ou un fichier
upload-file-hint = CSV en UTF-8, au plus { $most } lignes et 1 Mo. Si vous choisissez un fichier, les lignes ci-dessus sont laissées de côté.
upload-button = Inscrire
upload-empty = Saisissez au moins une ligne, ou choisissez un fichier.
upload-too-large = C’est plus de 1 Mo. Envoyez-le en plusieurs fois.
upload-too-many = Il y a plus de { $most } lignes. Envoyez-les en plusieurs fois.
upload-not-text = Ce n’est pas du texte en UTF-8. Enregistrez la feuille en CSV (UTF-8) et choisissez ce fichier.
uploads-recent = Envois récents
uploads-none = Rien n’a encore été envoyé.
upload-underway = en cours de traitement
report-title = Résultat de l’envoi
report-about = { $count ->
    [one] { $date }, par { $author } : { $count } ligne
   *[other] { $date }, par { $author } : { $count } lignes
}
report-progress = { $all ->
    [one] { $done } ligne traitée sur { $all }
   *[other] { $done ->
        [one] { $done } ligne traitée sur { $all }
       *[other] { $done } lignes traitées sur { $all }
    }
}
report-underway = Le traitement continue de lui-même. Vous pouvez quitter cette page et y revenir.
report-outcomes = Ce que sont devenues les lignes
report-unknown = Certaines adresses n’appartiennent à personne qui ait un compte ici. Invitez ces personnes, puis revérifiez les lignes refusées quand elles se seront enregistrées.
report-already = Ces personnes étaient déjà inscrites : rien n’a changé pour elles.
report-again = Revérifier les lignes refusées
report-in-vain = Aucune de ces lignes ne peut devenir correcte d’elle-même : corrigez-les et renvoyez-les dans un nouvel envoi.
report-download = Télécharger les lignes refusées (CSV)
report-file = lignes-refusees
outcome-waiting = { $count ->
    [one] { $count } ligne en attente
   *[other] { $count } lignes en attente
}
outcome-enrolled = { $count ->
    [one] { $count } personne inscrite
   *[other] { $count } personnes inscrites
}
outcome-already = { $count ->
    [one] { $count } déjà inscrite
   *[other] { $count } déjà inscrites
}
outcome-refused = { $count ->
    [one] { $count } ligne refusée
   *[other] { $count } lignes refusées
}
address-forgotten = (oubliée)
reason-unreadable = Cette ligne est illisible : un guillemet n’est pas fermé, ou il y a plus de trois valeurs.
reason-no-mail = Elle ne commence pas par une adresse électronique.
reason-no-course = La clé d’une formation manque.
reason-unknown-language = La langue n’est ni « en » ni « fr ».
reason-unknown-mail = Personne n’a de compte avec cette adresse : invitez d’abord cette personne.
reason-unknown-course = Aucune formation n’a cette clé : c’est la dernière partie de l’adresse de la formation dans le catalogue.
reason-withdrawn-course = Cette formation a été retirée : on ne peut plus s’y inscrire.
reason-other-language = Cette formation est donnée dans une autre langue.

refused-no-such-course = Cette formation n’existe pas ici ; si elle vient d’être publiée, réessayez.
refused-withdrawn = Cette formation a été retirée : on ne peut plus s’y inscrire.
refused-no-such-enrolment = Cette inscription n’existe pas : elle a été annulée, ou n’a jamais été faite.
refused-cancelled = Cette inscription a été annulée : réinscrivez-vous pour reprendre où vous en étiez.
refused-erased = Ce compte a été effacé : plus rien ne peut y être gardé.
refused-no-such-lesson = Cette formation n’a pas cette leçon ; si elle vient d’être publiée, réessayez.
refused-not-yours = Cette formation est celle d’un autre formateur : adressez-vous à lui, ou à un administrateur.
refused-unknown-mail = Personne avec cette adresse n’est connu ici : invitez d’abord cette personne.
refused-nobody-enrolled = Personne n’est inscrit à cette formation : il n’y a personne à qui écrire.
refused-no-such-upload = Cet envoi n’existe pas : son compte rendu a été supprimé s’il a plus de 90 jours.
