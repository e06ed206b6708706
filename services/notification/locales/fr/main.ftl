# Ce que disent les sortes de messages : courriel, notification et boîte de réception.
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
quiz-graded-action = Voir les commentaires
quiz-title = quiz « { $title } »
quiz-untitled = quiz

certificate-issued-subject = Votre certificat : { $course }
certificate-issued-body = Vous avez terminé la formation « { $course } ». Félicitations ! Votre certificat peut être vérifié à tout moment avec le code { $code }.
certificate-issued-attached = Le certificat est joint au format PDF.
certificate-issued-action = Le vérifier en ligne
certificate-issued-read = Le lire
certificate-file = certificat.pdf

certificate-revoked-subject =
    { $cause ->
        [replaced] Votre certificat a été remplacé : { $course }
       *[unsaid] Votre certificat n’est plus valable : { $course }
    }
certificate-revoked-body =
    { $cause ->
        [replaced] Votre certificat de la formation « { $course } » n’est plus valable : un autre a été délivré à sa place.
        [details] Votre certificat de la formation « { $course } » a été révoqué et n’est plus valable. Une de ses mentions était erronée. Sa page en dit plus.
        [mistake] Votre certificat de la formation « { $course } » a été révoqué et n’est plus valable. Il a été délivré par erreur. Sa page en dit plus.
        [conditions] Votre certificat de la formation « { $course } » a été révoqué et n’est plus valable. Les conditions pour l’obtenir n’étaient pas remplies. Sa page en dit plus.
        [request] Votre certificat de la formation « { $course } » a été révoqué et n’est plus valable. Vous l’avez demandé.
       *[unsaid] Votre certificat de la formation « { $course } » a été révoqué et n’est plus valable. Sa page dit pourquoi.
    }
certificate-revoked-action =
    { $cause ->
        [replaced] Voir le certificat qui le remplace
       *[unsaid] Voir sa page
    }

essays-to-mark-subject = Rédactions à noter : { $course }
essays-to-mark-body = Dans la formation « { $course } », ce que des apprenants ont rédigé attend votre note. D’ici là, ils n’ont pas de résultat. Vous en êtes averti(e) une fois par jour au plus.
essays-to-mark-action = Les noter

message-subject = { $subject }
message-body = Un message à toutes les personnes inscrites à « { $course } ».
message-action = Voir la formation

export-ready-subject = Vos données sont prêtes
export-ready-body = Tout ce qui est conservé ici à votre sujet est prêt à être téléchargé, dans une seule archive. Elle peut être téléchargée jusqu’au { $until } ; elle est ensuite supprimée.
export-ready-action = La télécharger

password-reset-subject = Choisissez un nouveau mot de passe
password-reset-body = Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour votre compte. Le lien fonctionne une seule fois, jusqu’au { $until }. Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.
password-reset-action = Choisir un nouveau mot de passe

address-change-subject = Confirmez votre adresse électronique
address-change-body = Quelqu’un, sans doute vous, veut recevoir à cette adresse les courriels de son compte. Ouvrez le lien et confirmez : il fonctionne une seule fois, jusqu’au { $until }, tant que vous êtes connecté(e). Si ce n’était pas vous, ne faites rien.
address-change-action = Confirmer cette adresse

address-changed-subject = Vos courriels vont à une autre adresse
address-changed-body = L’adresse électronique de votre compte a été changée : les courriels vont désormais à la nouvelle, et vous vous connectez avec elle. Si ce n’est pas vous qui l’avez changée, avertissez sans attendre l’administration de cette plateforme.
address-changed-action = Voir mon compte

invitation-subject = Vous êtes invité(e) à ouvrir un compte
invitation-body = Un compte vous attend. Ouvrez-le avec le lien ci-dessous : il fonctionne une seule fois, jusqu’au { $until }.
invitation-action = Ouvrir mon compte

test-subject = Tout fonctionne
test-body = Cet appareil reçoit vos notifications.
test-action = Vos appareils

# Autour de chaque courriel.
mail-greeting = Bonjour { $name },
mail-mark = Votre note
mail-code = Son code
mail-why = Vous recevez ce courriel parce que vous avez un compte chez { $platform }.
mail-why-password = Vous recevez ce courriel parce que quelqu’un a donné cette adresse chez { $platform } en disant avoir oublié son mot de passe.
mail-why-address = Vous recevez ce courriel parce que quelqu’un a donné cette adresse pour son compte chez { $platform }.
mail-why-former = Vous recevez ce courriel parce que votre compte chez { $platform } avait cette adresse.
mail-why-invitation = Vous recevez ce courriel parce que { $platform } vous invite. Si vous ne voulez pas de compte, ne faites rien : l’invitation expire d’elle-même.
mail-unsubscribe = Ne plus recevoir les courriels de cette sorte
mail-preferences = Tous les réglages

# Sortes et canaux, dans les formulaires et les listes.
kind-enrolment = Inscriptions
kind-new-lesson = Nouvelles leçons
kind-message = Messages à une formation
kind-quiz-graded = Notes des quiz
kind-certificate-issued = Certificats
kind-certificate-revoked = Certificats qui ne sont plus valables
kind-essays-to-mark = Rédactions à noter
kind-export-ready = Vos données
kind-password-reset = Nouveau mot de passe
kind-address-change = Nouvelle adresse électronique
kind-address-changed = Changement d’adresse électronique
kind-test = Essai d’un appareil
channel-mail = Courriel
channel-push = Notification
channel-inbox = Boîte de réception
state-queued = en attente d’envoi
state-quiet = attend la fin des heures calmes, jusqu’au { $until }
state-sent = envoyé
state-failed = échec
state-suppressed = non envoyé
state-uncertain = peut-être envoyé
reason-preference = vous avez demandé à ne pas en être averti(e) ainsi
reason-no-device = aucun appareil ne reçoit vos notifications
reason-erased = le compte a été effacé
reason-withdrawn = il n’avait plus lieu d’être

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
inbox-newest = Messages les plus récents
inbox-leaf = Autres messages
inbox-empty-courses = Voir les formations
message-back = Tous les messages
settings-title = Notifications
settings-link = Choisir ce qui vous est annoncé
settings-intro = Choisissez ce qui vous est annoncé, et comment. Tout l’est tant que vous n’en décidez pas autrement.
settings-kinds = Ce qui vous est annoncé
settings-kind = À propos
settings-choice = { $kind } : { $channel }
settings-always = Ce que vous demandez vous-même, comme un nouveau mot de passe ou vos données, arrive toujours par courriel.
settings-no-device = Aucun appareil ne reçoit encore vos notifications.
settings-add-device = Ajouter un appareil
settings-save = Enregistrer ces choix
done-saved = Vos choix sont enregistrés.
done-quiet = Vos heures calmes sont enregistrées.
done-not-quiet = Vous n’avez plus d’heures calmes.

quiet-title = Heures calmes
quiet-help = Pendant vos heures calmes, aucun courriel et aucune notification ne sont envoyés ; ce qui survient alors est envoyé à leur fin. Elles suivent l’heure de votre fuseau, { $zone }. La boîte de réception se remplit malgré tout, et un courriel pour un nouveau mot de passe arrive aussitôt.
quiet-now = Chaque jour de { $begin } à { $end }.
quiet-none = Vous n’en avez pas : les messages sont envoyés à toute heure.
quiet-begin = De
quiet-end = À
quiet-end-hint = Si elle précède le début, c’est celle du lendemain.
quiet-save = Enregistrer les heures calmes
quiet-stop = Plus d’heures calmes
quiet-no-time = Indiquez une heure, comme 22:00.
quiet-empty = Indiquez une autre heure que le début. Pour ne plus être dérangé(e) du tout, décochez les moyens d’envoi ci-dessus.

devices-title = Appareils
devices-intro = Les notifications s’affichent sur un appareil même quand aucune page n’y est ouverte. Activez-les sur chaque appareil où vous les voulez.
devices-own = Vos appareils
devices-none = Aucun appareil ne reçoit encore vos notifications.
device-unnamed = Un navigateur
device-added = Ajouté le
device-gone = Cet appareil ne reçoit plus rien, comme son service de notification l’a dit le
device-gone-help = Le navigateur a été supprimé ou son autorisation retirée. Réactivez les notifications sur l’appareil, ou retirez-le ici.
device-try = Envoyer un message d’essai
device-remove = Retirer
done-tried = Un message d’essai est parti. Il devrait s’afficher sur l’appareil dans un instant.
done-removed = L’appareil est retiré : il ne reçoit plus rien.
done-too-often = Vous avez essayé plusieurs fois en quelques minutes. Attendez un peu, puis réessayez.
done-gone = Cet appareil ne reçoit plus rien : réactivez-y les notifications.
push-this-device = Cet appareil
push-turn-on = Activer les notifications sur cet appareil
push-turn-off = Désactiver les notifications sur cet appareil
push-refused = Ce navigateur ne l’a pas permis. Voyez ses réglages pour ce site.
push-failed = Cela n’a pas fonctionné. Réessayez dans un instant ; il peut y avoir 20 appareils au plus.
push-unavailable = Si rien ne peut être activé ici, ce navigateur ne peut pas recevoir de notifications. Sur un téléphone, ajoutez d’abord ce site à l’écran d’accueil.
push-needs-script = Ajouter un appareil demande JavaScript, qui est désactivé ici. Les courriels et la boîte de réception fonctionnent sans lui.

deliveries-title = Ce qui vous a été envoyé
deliveries-link = Voir ce qui vous a été envoyé, et ce qui ne l’a pas été et pourquoi
deliveries-intro = Chaque message qui vous était destiné, par chaque moyen, et ce qu’il est devenu.
deliveries-none = Rien pour l’instant.
deliveries-when = Quand
deliveries-about = À propos
deliveries-how = Comment
deliveries-state = Ce qu’il est devenu
deliveries-older = Plus anciens
deliveries-newest = Les plus récents
deliveries-leaf = La suite

unsubscribe-title = Désinscription
unsubscribe-question = Ne plus recevoir les courriels de cette sorte : { $kind } ?
unsubscribe-button = Ne plus les recevoir
unsubscribe-done = C’est fait : vous ne recevrez plus les courriels de cette sorte : { $kind }. Vous pouvez revenir sur ce choix à tout moment dans vos réglages.
unsubscribe-invalid = Ce lien n’est pas valable. Il a peut-être été coupé en deux par une messagerie : copiez l’adresse entière, ou connectez-vous et changez vos réglages.
