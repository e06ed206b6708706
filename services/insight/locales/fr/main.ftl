search-title = Recherche
search-words = Mots à chercher
search-button = Chercher
search-none = Rien n'a été trouvé. Essayez avec moins de mots, ou le début d'un mot.
search-more = D'autres résultats
timeline-title = Historique
timeline-none = Il ne s'est encore rien passé.
timeline-more = Plus ancien

timeline-learning-learner-enrolled-v1 = { $known ->
    [yes] Inscription à « { $course } »
   *[no] Inscription à une formation
}
timeline-learning-enrolment-cancelled-v1 = { $known ->
    [yes] Désinscription de « { $course } »
   *[no] Désinscription d'une formation
}
timeline-learning-lesson-read-v1 = { $known ->
    [yes] Lecture d'une leçon de « { $course } »
   *[no] Lecture d'une leçon
}
timeline-learning-course-completed-v1 = { $known ->
    [yes] Formation terminée : « { $course } »
   *[no] Formation terminée
}
timeline-assessment-attempt-submitted-v1 = { $known ->
    [yes] Quiz envoyé dans « { $course } »
   *[no] Quiz envoyé
}
timeline-assessment-attempt-awaits-marking-v1 = { $known ->
    [yes] Un quiz de « { $course } » attend d'être corrigé par une personne
   *[no] Un quiz attend d'être corrigé par une personne
}
timeline-assessment-attempt-graded-v1 = { $known ->
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
timeline-notification-delivery-sent-v1 = Message envoyé
timeline-notification-delivery-failed-v1 = Message non envoyé, ou dont l'envoi est incertain
timeline-notification-delivery-suppressed-v1 = Message non envoyé à dessein
