quiz-facts = { $count ->
    [one] { $count } question.
   *[other] { $count } questions.
} Il faut { $percent } % des points pour réussir.
quiz-limit = { $count ->
    [one] Vous avez une seule tentative.
   *[other] Vous avez { $count } tentatives.
}
quiz-start = Commencer le quiz
quiz-resume = Reprendre le quiz
quiz-again = Réessayer
quiz-used-up = Vous avez utilisé toutes vos tentatives.
quiz-attempts = Vos tentatives
to-course = La formation
to-learning = Mes formations

attempt-number = Tentative { $number }
attempt-in-progress = en cours
attempt-submitted = en cours de correction
attempt-awaiting = en attente des notes d’un formateur
attempt-graded = corrigée
attempt-passed = réussie
attempt-failed = non réussie
attempt-errors = Certaines réponses n’ont pas pu être enregistrées
attempt-reload = Actualiser
attempt-back = Retour au quiz
attempt-save = Enregistrer
attempt-submit = Envoyer
attempt-submit-hint = Enregistrez aussi souvent que vous le voulez. Une fois envoyées, les réponses ne changent plus.

question-number = Question { $number }
answer-true = Vrai
answer-false = Faux
answer-none = Choisir…
marks = { $mark } / { $outof }

result-submitted = Votre tentative est envoyée ; la correction est en cours et ne prend qu’un instant.
result-awaiting = Un formateur doit noter une partie de cette tentative. Vous serez prévenu quand ce sera fait.
result-passed = Réussi : { $marks } ({ $percent }).
result-failed = Non réussi : { $marks } ({ $percent }).

verdict-right = Juste
verdict-partly = En partie juste
verdict-wrong = Faux
verdict-unanswered = Sans réponse
verdict-awaits-marking = En attente de la note d’un formateur
