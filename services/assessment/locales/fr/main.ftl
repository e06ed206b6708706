# Un quiz, pour les apprenants
quiz-questions = Questions
questions-count = { $count ->
    [one] { $count } question
   *[other] { $count } questions
}
quiz-pass = Pour réussir
quiz-pass-mark = { $percent } % des points
quiz-tries = Tentatives
tries-free = { $made ->
    [0] Autant que vous voulez
    [one] Une faite, autant d’autres que vous voulez
   *[other] { $made } faites, autant d’autres que vous voulez
}
tries-left = { $left ->
    [0] Plus aucune sur { $limit }
    [one] Il en reste { $left } sur { $limit }
   *[other] Il en reste { $left } sur { $limit }
}
tries-limit = { $count ->
    [one] une tentative
   *[other] { $count } tentatives
}
tries-unlimited = tentatives sans limite
quiz-time = Durée
quiz-minutes = { $count ->
    [one] environ une minute
   *[other] environ { $count } minutes
}
quiz-saved-hint = Rien ne presse : vos réponses sont enregistrées à mesure, et vous pouvez revenir plus tard.
quiz-essays-hint = Un formateur note ce que vous rédigez.
quiz-start = Commencer le quiz
quiz-resume = Reprendre le quiz
quiz-again = Réessayer
quiz-used-up = Vous avez utilisé toutes vos tentatives.
quiz-not-enrolled = Seuls les inscrits passent ce quiz. Si vous venez de vous inscrire, revenez dans un instant.
quiz-nothing-asked = Ce quiz n’a pas encore de questions.
quiz-taught = Vous enseignez cette formation : essayez le quiz tel que le voit un apprenant. Rien d’un essai n’est gardé.
quiz-write = Écrire ses questions
quiz-attempts = Vos tentatives
quiz-version = version { $version }
to-course = La formation
to-learning = Mes formations
to-teaching = Vos formations
to-marking = Les copies à noter

# Une tentative
attempt-number = Tentative { $number }
attempt-in-progress = en cours
attempt-submitted = en cours de correction
attempt-awaiting = en attente des notes d’un formateur
attempt-graded = corrigée
attempt-passed = réussie
attempt-failed = non réussie
attempt-errors = Certaines réponses n’ont pas pu être enregistrées
attempt-show-saved = Voir ce qui est enregistré
attempt-conflict = Certaines réponses ont été changées ailleurs entre-temps. Les deux figurent à côté de leur question.
attempt-mine = Garder la mienne
attempt-theirs = Prendre l’autre
attempt-reload = Actualiser
attempt-back = Retour au quiz
attempt-save = Enregistrer
attempt-review = Relire et envoyer
attempt-submit = Envoyer
attempt-submit-hint = Enregistrez aussi souvent que vous le voulez. Avant tout envoi, vous verrez à quelles questions vous avez répondu.
review-title = Avant d’envoyer
review-answered = { $done ->
    [one] Vous avez répondu à { $done } question sur { $count }.
   *[other] Vous avez répondu à { $done } questions sur { $count }.
}
review-yes = répondu
review-no = sans réponse
review-hint = Une fois envoyées, les réponses ne changent plus.
review-back = Retour aux questions

question-number = Question { $number }
answer-overtaken = Une autre réponse a été enregistrée entre-temps, dans une autre fenêtre ou sur un autre appareil : « { $answer } ». La vôtre figure ici et n’est pas enregistrée.
answer-taken-back = Cette réponse a été retirée entre-temps, dans une autre fenêtre ou sur un autre appareil. La vôtre figure ici et n’est pas enregistrée.
answer-keep = Enregistrez à nouveau pour garder la vôtre.
answer-true = Vrai
answer-false = Faux
answer-none = Choisir…
marks = { $mark } / { $outof }

result-submitted = Votre tentative est envoyée ; la correction est en cours et ne prend qu’un instant.
result-awaiting = Un formateur doit noter une partie de cette tentative. Vous serez prévenu quand ce sera fait.
result-passed = Réussi : { $marks } ({ $percent }).
result-failed = Non réussi : { $marks } ({ $percent }).

verdict-right = Juste
verdict-partly = En partie juste
verdict-wrong = Faux
verdict-unanswered = Sans réponse
verdict-awaits-marking = En attente de la note d’un formateur

# Pour les formateurs
course-unheard = Une formation dont rien n’est encore arrivé
course-awaited = Cette formation n’est pas encore arrivée ici : un brouillon arrive quand son premier quiz y est placé. Cette page se remplit alors d’elle-même.
person-erased = Une personne effacée
person-unheard = Une personne dont le nom n’est pas encore arrivé
yes = oui
no = non
column-attempt = Tentative
column-attempts = Tentatives
column-when = Envoi
column-begun = Début
column-state = État
column-marks = Points
column-mark = Note
column-outof = Sur
column-percent = Pourcentage
column-question = Question
column-questions = Questions
column-text = Énoncé
column-quiz = Quiz
column-pass = Pour réussir
column-tries = Tentatives permises
column-version = Version
column-do = Suite
column-learner = Apprenant
column-learners = Apprenants
column-essays = À noter
column-mean = Moyenne
column-passed = Réussite
column-awaiting = En attente de notes
column-facility = Facilité
column-discrimination = Discrimination

# La banque de questions
bank-title = Banque de questions
bank-empty = Cette formation n’a pas encore de quiz.
bank-quizzes = Quiz
bank-without-questions = Quiz sans questions
bank-without-questions-hint = Ils ont leur place dans la formation. Ouvrez-en un pour écrire ses questions.
bank-new = Un nouveau quiz
bank-new-hint = Les apprenants le trouvent quand il a sa place dans la formation : donnez-la-lui dans l’éditeur de la formation, sous la même clé.
bank-create = Créer le quiz
bank-nothing-asked = Personne ne peut encore passer ce quiz : il n’a pas de question.
bank-refused = { $count ->
    [one] une question refusée
   *[other] { $count } questions refusées
}
bank-unplaced = pas encore dans la formation
bank-unplaced-hint = Les apprenants ne trouvent pas un quiz qui n’a pas sa place dans la formation. Donnez-la-lui dans l’éditeur de la formation, sous la clé indiquée ici.
bank-place = Placer un quiz dans la formation
bank-saved = Enregistré.
question-gone = Quelqu’un a supprimé cette question entre-temps. Ce que vous avez écrit est plus bas : l’enregistrer l’ajoute comme nouvelle question.
bank-deleted = La question est supprimée.
field-quiz-title = Titre
field-quiz-key = Clé
field-quiz-key-hint = Courte et durable, comme final : minuscules sans accent, chiffres et traits d’union.
field-pass-percent = Pourcentage des points pour réussir
field-max-attempts = Tentatives permises
field-max-attempts-hint = Laissez vide pour autant que l’on veut.
settings-title = Réglages
settings-lead = Un changement crée une nouvelle version. Les tentatives commencées gardent la version de leur début.
settings-save = Enregistrer les réglages
settings-decided = Le titre et le seuil de réussite se décident là où le quiz se trouve dans la formation.
settings-place = Les changer là-bas
settings-now = Enregistré à présent : { $title } · { $facts }
questions-title = Questions
export-link = Télécharger en GIFT
results-link = Résultats

add-title = Ajouter depuis GIFT
add-lead = GIFT est le format de texte dans lequel Moodle et d’autres échangent des questions. Ce qui n’est pas utilisable est refusé, avec sa ligne et la raison ; le reste est ajouté.
add-file = Un fichier
add-file-hint = Du texte en UTF-8, de { $size } au plus.
add-text = Ou le texte lui-même
add-mode = Les questions déjà présentes
add-append = Les garder, et ajouter celles-ci à la fin
add-replace = Les remplacer par celles-ci
add-button = Ajouter les questions
add-typed = texte saisi
upload-title = Le dernier ajout
upload-summary = { $file } : { $accepted ->
    [0] aucune question prise
    [one] une question prise
   *[other] { $accepted } questions prises
}, { $refused ->
    [0] aucune refusée.
    [one] une refusée.
   *[other] { $refused } refusées.
}
upload-refused = Celles-ci sont refusées. Corrigez-les dans votre fichier et ajoutez-le à nouveau : ce qui est déjà là n’est pas ajouté deux fois.
upload-line = Ligne { $line } :
upload-more = { $count ->
    [one] Et une autre.
   *[other] Et { $count } autres.
}
upload-put-away = Ranger cette liste

# Une question
question-new = Écrire une nouvelle question
question-add = Nouvelle question : { $kind }
question-edit = Question : { $kind }
question-open = Modifier
question-up = Monter
question-down = Descendre
question-delete = Supprimer
question-delete-title = Supprimer cette question ?
question-delete-attempts = Les tentatives commencées la gardent ; les nouvelles ne la posent plus.
question-save = Enregistrer la question
question-more = Plus de lignes
question-rest = Rétroaction et titre
question-row = Réponse { $number }
back-to-questions = Retour aux questions
conflict-title = Quelqu’un a été plus rapide
conflict-theirs = Ce qui est enregistré à présent
conflict-yours = Ce que vous avez écrit est plus bas, et n’est pas enregistré. L’enregistrer remplace ce qui l’est à présent.
sort-choice = choix multiple
sort-true-false = vrai ou faux
sort-short-answer = réponse courte
sort-numerical = nombre
sort-matching = appariement
sort-essay = rédaction
sort-description = texte sans question
sort-choice-hint = On choisit une réponse, ou plusieurs. Les lignes laissées vides ne comptent pas.
sort-true-false-hint = On dit si une affirmation est vraie.
sort-short-answer-hint = On écrit un mot ou quelques-uns. Les majuscules ne comptent pas, et * tient lieu de n’importe quoi.
sort-numerical-hint = On écrit un nombre. Acceptez-en un avec une tolérance, un intervalle comme 3..4, ou * pour tout autre.
sort-matching-hint = On trouve la réponse qui va avec chaque élément. Une ligne sans élément est une réponse qui ne va avec aucun.
sort-essay-hint = On rédige, et un formateur note.
sort-description-hint = Il se trouve entre les questions et ne demande rien.
field-text = Énoncé
field-format = Écrit en
field-format-hint = Vaut pour tous les textes de cette question.
format-markdown = Markdown
format-plain = texte simple
format-html = HTML
format-moodle = format propre à Moodle
field-general = Dit à tous après la correction
field-guidance = Ce qu’il faut chercher : montré à qui note, et aux apprenants une fois la note donnée
field-title = Titre
field-title-hint = Les apprenants ne le voient pas.
field-answer = L’affirmation est
field-right = Dit à qui a juste
field-wrong = Dit à qui a faux
field-several = Plusieurs réponses sont justes
field-several-hint = Alors les pourcentages des justes font 100 ensemble, et les fausses peuvent avoir un pourcentage négatif.
field-choice = Réponse
field-weight = Pourcentage de la note
field-feedback = Dit à qui répond cela
field-accepted = Réponse acceptée
field-number = Nombre, intervalle ou *
field-tolerance = À plus ou moins
field-item = Élément
field-match = Réponse qui va avec
wrong-title = Le titre a plusieurs lignes ou est trop long : écrivez au plus 255 caractères sur une ligne.
wrong-empty = Rien n’est écrit ici : remplissez ce champ.
wrong-too-long = C’est plus long que 50 000 caractères : raccourcissez.
wrong-true-false = Dites si l’affirmation est vraie ou fausse.
wrong-weight = Ce n’est pas un pourcentage : écrivez un nombre de -100 à 100.
wrong-one-choice = Il n’y a qu’une réponse : écrivez-en au moins deux.
wrong-no-full-choice = Aucune réponse ne vaut toute la note : donnez 100 pour cent à l’une, ou dites que plusieurs sont justes.
wrong-no-full-answer = Aucune réponse ne vaut toute la note : donnez 100 pour cent à l’une.
wrong-weights-too-low = Les réponses justes font ensemble moins de 100 pour cent : augmentez-les.
wrong-no-answer = Il n’y a pas de réponse acceptée : écrivez-en au moins une.
wrong-number = Ce n’est pas un nombre : écrivez par exemple 3,14 ou -5.
wrong-range = L’intervalle est à l’envers : écrivez d’abord le plus petit nombre, comme 3..4.
wrong-tolerance = La tolérance est négative : écrivez-la sans le signe moins.
wrong-line = Le reste de cette ligne est rempli, et la réponse manque : écrivez-la, ou videz la ligne.
wrong-no-match = Cet élément n’a pas de réponse : écrivez celle qui va avec.
wrong-one-pair = Il y a trop peu à associer : écrivez au moins un élément, et deux réponses en tout.
wrong-no-gift = Il n’y a rien à ajouter : choisissez un fichier, ou écrivez les questions plus bas.
wrong-pass-percent = Écrivez un nombre entier de 0 à 100.
wrong-max-attempts = Écrivez un nombre entier de 1 à 1 000, ou laissez vide.
wrong-key = Écrivez des minuscules sans accent, des chiffres et des traits d’union : quiz-final.

# Essayer
trial-link = Essayer
trial-title = Essai : { $title }
trial-label = C’est un essai.
trial-hint = Vous voyez ce que voit un apprenant. Tout est corrigé sur-le-champ selon les mêmes règles, et rien n’est gardé.
trial-grade = Corriger l’essai
trial-again = Recommencer
trial-errors = Certaines réponses ne conviennent pas
trial-awaiting = Jusqu’ici { $marks }. { $count ->
    [one] Une réponse attendrait
   *[other] { $count } réponses attendraient
} la note d’un formateur.

# Noter
marking-title = À corriger
marking-courses = Formations
marking-all = Toutes les formations
marking-none = Rien n’attend de note.
marking-none-here = Rien n’attend de note ici.
marking-show-all = Voir tout ce qui attend
marking-waiting = { $count ->
    [one] Une tentative attend des notes
   *[other] { $count } tentatives attendent des notes
}
marking-order = Ce qui a été commencé d’abord vient en premier.
essays-count = { $count ->
    [one] une réponse
   *[other] { $count } réponses
}
mark-title = Noter une tentative
mark-whole = La tentative entière
mark-guidance = Ce qu’il faut chercher
mark-answer = Ce qui a été répondu
mark-next = Enregistrer et passer à la suivante
mark-stay = Enregistrer
mark-saved = Enregistré.
mark-rest-saved = Les autres notes sont enregistrées.
mark-overtaken = Quelqu’un d’autre a noté entre-temps, autrement que vous : sa note reste, la vôtre n’est pas enregistrée. Elle peut être rectifiée.
mark-left = Rien n’est enregistré : aucune note n’a été donnée, et la tentative attend toujours.
mark-correct = Rectifier cette note
mark-corrected = La note est rectifiée, et l’apprenant en est prévenu.
wrong-mark = Ce n’est pas un nombre : écrivez par exemple 0,5.
wrong-comment-alone = Vous avez écrit un commentaire sans note : donnez aussi la note, ou retirez le commentaire pour noter cette réponse plus tard.
correct-title = Rectifier une note
correct-lead = La nouvelle note remplace celle qui a été donnée, et le résultat est annoncé à nouveau. Une formation terminée reste terminée.
correct-given = Donnée jusqu’ici : { $marks }
correct = Rectifier la note
field-reason = Pourquoi elle change
field-reason-hint = La raison reste avec la tentative, et l’apprenant la lit.
wrong-reason = Dites pourquoi la note change.
corrections = Notes rectifiées
correction = Question { $number } : de { $before } à { $after }
essay-title = Réponse { $number }
field-mark = Note sur { $outof }
field-mark-hint = Les fractions conviennent, comme 0,5. Laissez vide pour noter celle-ci plus tard.
field-comment = Ce que vous avez à en dire

# Résultats
results-title = Résultats
results-to-mark = { $count ->
    [one] 1 à noter
   *[other] { $count } à noter
}
results-mark = Noter
results-attempts = Tentatives
results-none = Personne n’a encore commencé ce quiz.
results-csv = Télécharger en CSV
results-found = { $count ->
    [0] Aucune tentative trouvée
    [one] Une tentative
   *[other] { $count } tentatives
}
results-search = Afficher
results-q = Nom
results-show = Lesquelles
results-show-everything = toutes
results-show-waiting = en attente de notes
results-show-passed = réussies
results-show-failed = non réussies
results-sort = Triées par
results-sort-newest = les plus récentes d’abord
results-sort-name = nom
results-sort-highest = meilleures notes d’abord
results-sort-lowest = plus basses notes d’abord
results-only = Les tentatives de { $name } seulement.
results-one = Les tentatives d’un seul apprenant.
results-all = Tout afficher
statistics-title = Ce que valent les questions
statistics-sample = { $count ->
    [0] Aucune tentative n’est encore corrigée.
    [one] D’après une tentative corrigée.
   *[other] D’après { $count } tentatives corrigées : la première de chaque apprenant.
}
statistics-how = Comment lire ce tableau
statistics-facility = La note moyenne à la question : 100 %, c’est ce que tout le monde a su.
statistics-discrimination = À quel point ceux qui réussissent le reste du quiz réussissent aussi ici : 100 %, toujours ; 0 %, au hasard ; au-dessous de 0 %, les meilleurs se trompent. Il y faut plusieurs tentatives qui diffèrent.
advice = À revoir
advice-backwards = Ceux qui réussissent ailleurs se trompent ici : la bonne réponse est-elle la bonne ?
advice-hard = Presque personne ne sait : est-ce enseigné, et est-ce clair ?
advice-easy = Presque tout le monde sait : elle ne distingue personne.
advice-weak = Elle a peu à voir avec le reste du quiz.
