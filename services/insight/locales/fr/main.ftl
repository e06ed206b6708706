search-title = Recherche
search-words = Mots à chercher
search-language = Langue
search-all = Français et anglais
search-english = Anglais
search-french = Français
search-button = Chercher
search-hint = Tous les mots doivent y être ; les accents, les majuscules et les pluriels ne comptent pas.
search-none = Rien n’a été trouvé. Essayez avec moins de mots, ou le début d’un mot.
search-catalogue = Voir toutes les formations
search-results = Résultats
search-course = Formation
search-lesson = Leçon
search-in = Dans
search-more = D’autres résultats
timeline-title = Historique
timeline-lead = Ce qui s’est passé ici pour vous, du plus récent au plus ancien. Seuls vous et les personnes qui gèrent la plateforme peuvent le voir.
timeline-none = Il ne s’est encore rien passé. Votre première formation apparaîtra ici.
timeline-more = Plus ancien

timeline-learning-learner-enrolled-v1 = { $known ->
    [yes] Inscription à « { $course } »
   *[no] Inscription à une formation
}
timeline-learning-enrolment-cancelled-v1 = { $known ->
    [yes] Désinscription de « { $course } »
   *[no] Désinscription d’une formation
}
timeline-learning-lesson-read-v1 = { $known ->
    [step] Lecture de « { $step } » dans « { $course } »
    [yes] Lecture d’une leçon de « { $course } »
   *[no] Lecture d’une leçon
}
timeline-learning-course-completed-v1 = { $known ->
    [yes] Formation terminée : « { $course } »
   *[no] Formation terminée
}
timeline-assessment-attempt-submitted-v1 = { $known ->
    [step] « { $step } » envoyé dans « { $course } »
    [yes] Quiz envoyé dans « { $course } »
   *[no] Quiz envoyé
}
timeline-assessment-attempt-awaits-marking-v1 = { $known ->
    [step] « { $step } », dans « { $course } », attend d’être corrigé par une personne
    [yes] Un quiz de « { $course } » attend d’être corrigé par une personne
   *[no] Un quiz attend d’être corrigé par une personne
}
timeline-assessment-attempt-graded-v1 = { $known ->
    [step] « { $step } » noté dans « { $course } »
    [yes] Quiz noté dans « { $course } »
   *[no] Quiz noté
}
timeline-certification-certificate-issued-v1 = { $known ->
    [yes] Certificat délivré pour « { $course } »
   *[no] Certificat délivré
}
timeline-certification-certificate-revoked-v1 = { $known ->
    [yes] Certificat révoqué pour « { $course } »
   *[no] Certificat révoqué
}
timeline-identity-person-registered-v1 = Ouverture du compte
timeline-identity-person-updated-v1 = Modification du compte
timeline-identity-person-erased-v1 = Effacement du compte
timeline-identity-address-change-requested-v1 = Autre adresse électronique donnée, à confirmer
timeline-identity-address-changed-v1 = Changement d’adresse électronique
timeline-notification-delivery-sent-v1 = Message envoyé
timeline-notification-delivery-failed-v1 = Message non envoyé, ou dont l’envoi est incertain
timeline-notification-delivery-suppressed-v1 = Message non envoyé à dessein
timeline-identity-export-requested-v1 = Demande de toutes les données du compte
timeline-identity-export-ready-v1 = Données du compte prêtes à télécharger
