learning-title = Mes formations
learning-none = Vous n'êtes inscrit à aucune formation pour l'instant.
learning-courses = En choisir une dans le catalogue
learning-more = Inscriptions plus anciennes

offer-awaited = Cette formation n'est pas encore arrivée ici. Si elle vient d'être publiée, elle apparaîtra d'elle-même : cette page revérifie toutes les quelques secondes.
offer-look-again = Revérifier maintenant
offer-withdrawn = Cette formation a été retirée : on ne peut plus s'y inscrire.
offer-open = Vous n'êtes pas encore inscrit à cette formation. Inscrivez-vous pour suivre vos leçons et passer ses quiz.
enrol = S'inscrire
enrol-again = Se réinscrire et reprendre où vous en étiez
cancel = Annuler mon inscription

state-active = En cours, inscription du { $date }
state-completed = Terminée le { $date }
state-cancelled = Inscription annulée
course-withdrawn = Cette formation a été retirée ; ce que vous avez fait est conservé.
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

lessons = Leçons
lesson-read = lue
optional = (facultatif)
quizzes = Quiz
quiz-not-taken = Pas encore de note
quiz-passed = Meilleure note : { $mark } / { $outof }, réussi
quiz-failed = Meilleure note : { $mark } / { $outof }, pas encore réussi

refused-no-such-course = Cette formation n'existe pas ici ; si elle vient d'être publiée, réessayez.
refused-withdrawn = Cette formation a été retirée : on ne peut plus s'y inscrire.
refused-no-such-enrolment = Vous n'avez pas cette inscription : inscrivez-vous d'abord à la formation.
refused-cancelled = Cette inscription a été annulée : réinscrivez-vous pour reprendre où vous en étiez.
refused-no-such-lesson = Cette formation n'a pas cette leçon ; si elle vient d'être publiée, réessayez.
