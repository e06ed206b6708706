# Ce que disent les quatre sortes de messages : courriel, notification et boîte de réception.
enrolment-subject = Inscription confirmée : { $course }
enrolment-body = Une place vous attend dans « { $course } ». Lisez les leçons à votre rythme : votre progression est conservée.
enrolment-action = Commencer

new-lesson-subject = Nouvelle leçon : { $lesson }
new-lesson-body = La formation « { $course } », que vous suivez, compte une nouvelle leçon : « { $lesson } ».
new-lesson-action = La lire

quiz-graded-subject = Votre note : { $mark } sur { $total } ({ $quiz })
quiz-graded-body =
    { $passed ->
        [yes] Vous avez obtenu { $mark } sur { $total } au { $quiz }, dans la formation « { $course } » : c’est réussi. Bravo !
       *[no] Vous avez obtenu { $mark } sur { $total } au { $quiz }, dans la formation « { $course } ». Ce n’est pas suffisant cette fois-ci ; relisez les commentaires avant de réessayer.
    }
quiz-graded-action = Voir la formation
quiz-title = quiz « { $title } »
quiz-untitled = quiz

certificate-issued-subject = Votre certificat : { $course }
certificate-issued-body = Vous avez terminé la formation « { $course } ». Félicitations ! Votre certificat peut être vérifié à tout moment avec le code { $code }.
certificate-issued-attached = Le certificat est joint au format PDF.
certificate-issued-action = Le vérifier en ligne
certificate-file = certificat.pdf

# Autour de chaque courriel.
mail-greeting = Bonjour { $name },
mail-mark = Votre note
mail-code = Son code
mail-why = Vous recevez ce courriel parce que vous avez un compte chez { $platform }.
mail-unsubscribe = Ne plus recevoir les courriels de cette sorte
mail-preferences = Tous les réglages

# Sortes et canaux, dans les formulaires et les listes.
kind-enrolment = Inscriptions
kind-new-lesson = Nouvelles leçons
kind-quiz-graded = Notes des quiz
kind-certificate-issued = Certificats
channel-mail = Courriel
channel-push = Push
channel-inbox = Messages
state-queued = en attente d’envoi
state-quiet = attend la fin des heures calmes, jusqu’au { $until }
state-sent = envoyé
state-failed = échec
state-suppressed = non envoyé
state-uncertain = peut-être envoyé
reason-preference = vous avez demandé à ne pas l’être
reason-no-device = aucun appareil n’est inscrit aux notifications
reason-erased = le compte a été effacé

# Pages.
inbox-title = Messages
inbox-empty = Rien pour l’instant. Ce qui vous concerne apparaîtra ici.
inbox-unread =
    { $count ->
        [0] Tout est lu.
        [one] Un message non lu.
       *[other] { $count } messages non lus.
    }
inbox-new = Nouveau
inbox-mark-read = Marquer comme lu
inbox-mark-all-read = Tout marquer comme lu
inbox-older = Messages plus anciens
settings-title = Notifications
settings-intro = Choisissez ce qui vous est annoncé, et comment.
settings-kind = À propos
settings-save = Enregistrer
settings-saved = C’est enregistré.
settings-recent = Ce qui a été envoyé récemment, et ce qui ne l’a pas été
settings-none = Rien pour l’instant.
push-turn-on = Activer les notifications sur cet appareil
push-turn-off = Désactiver les notifications sur cet appareil
push-refused = Ce navigateur ne l’a pas permis. Voyez ses réglages pour ce site.
unsubscribe-title = Désinscription
unsubscribe-question = Ne plus recevoir les courriels de cette sorte : { $kind } ?
unsubscribe-button = Ne plus les recevoir
unsubscribe-done = C’est fait : vous ne recevrez plus les courriels de cette sorte : { $kind }. Vous pouvez revenir sur ce choix à tout moment dans vos réglages.
unsubscribe-invalid = Ce lien n’est pas valable. Il a peut-être été coupé en deux par une messagerie : copiez l’adresse entière, ou connectez-vous et changez vos réglages.
