courses-title = Formations
courses-lead = Apprenez à votre rythme : des leçons à lire, des quiz pour vérifier vos acquis et un certificat à la fin.
courses-language = Langue
courses-all = Toutes les langues
courses-none = Aucune formation n’est encore publiée ici.
courses-none-found = Aucune formation ne contient tous ces mots.
courses-show-all = Voir toutes les formations
courses-search = Mots du titre ou du résumé
courses-search-button = Chercher
courses-search-lessons = Chercher aussi dans les leçons
courses-found = { $count ->
    [0] Aucune formation
    [one] { $count } formation
   *[other] { $count } formations
}
language-en = Anglais
language-fr = Français
certificate-achievement = Certificat de réussite
certificate-certificat-de-realisation = Certificat de réalisation
lessons = { $count ->
    [one] { $count } leçon
   *[other] { $count } leçons
}
quizzes = { $count ->
    [one] { $count } quiz
   *[other] { $count } quiz
}

course-enrol = S’inscrire
course-enrol-all = Ouverte à toute personne qui a un compte.
course-enrol-account = Connectez-vous ou créez un compte pour vous inscrire.
course-on-its-way = Votre inscription apparaît dans « Mes formations » un instant plus tard.
course-enrolled = Votre inscription date du { $date }.
course-completed = Vous avez terminé cette formation le { $date }.
course-continue = Continuer
course-look = Commencer à lire
course-mine = Mes formations
course-edit = Modifier cette formation
course-not-open = Cette formation n’est pas publiée : seules les personnes qui peuvent la modifier voient cette page.
course-objectives = Ce que vous saurez faire
course-outline = Plan
course-end = Pour finir
course-empty = Rien n’y est encore publié.
optional = (facultatif)
quiz = seuil de réussite : { $percent } %
quiz-word = Quiz

lesson-position = Leçon { $number } sur { $count }
lesson-not-shown = Les apprenants ne voient pas cette leçon : elle n’est pas publiée, ou sa formation ne l’est pas.
lesson-edit = Modifier cette leçon
lesson-read = Marquer comme lue
lesson-read-on = Marquer comme lue et continuer
lesson-sign-in = Se connecter pour suivre sa progression
lesson-neighbours = Avant et après
lesson-previous = Précédent :
lesson-next = Suivant :
lesson-keys = Ou feuilletez avec les touches
lesson-here = (vous êtes ici)

teaching-title = Formations que j’enseigne
teaching-lead = Les formations que vous enseignez. Personne d’autre ne voit les brouillons.
teaching-lead-all = Toutes les formations de l’organisme, brouillons compris.
teaching-state = État
teaching-states = Tous les états
teaching-search = Mots du titre ou du résumé
teaching-new = Nouvelle formation
teaching-new-lead = Elle commence comme un brouillon que seuls vous et les administrateurs voyez.
teaching-create = Créer la formation
teaching-none-found = Aucune formation ne correspond ici.
teaching-none = Il n’y a pas encore de formation ici : créez-en une, ou importez-en une à partir de fichiers.
state-draft = Brouillon
state-published = Publiée
state-withdrawn = Retirée
waiting = { $count ->
    [one] { $count } modification non publiée
   *[other] { $count } modifications non publiées
}
column-file = Fichier
column-line = Ligne
column-detail = Quoi
column-now = Maintenant
column-then = Après l’import
column-problem = Ce qui ne va pas
back = Retour
save = Enregistrer
delete = Supprimer
up = Monter
down = Descendre

field-title = Titre
field-language = Langue de la formation
field-key = Clé
field-key-hint = Elle figure dans les adresses et ne change jamais : minuscules, chiffres et traits d’union. Tirée du titre si vous la laissez vide.
field-summary = Résumé
field-summary-hint = De quoi il s’agit et pour qui, en quelques phrases. Markdown.
field-objectives = Objectifs
field-objectives-hint = Ce que l’on sait faire après, un objectif par ligne.
field-minutes = Travail estimé, en minutes
field-minutes-hint = Pour toute la formation, quiz compris.
field-design = Certificat remis à qui la termine
field-text = Texte
field-text-hint = Markdown : # pour les titres, tableaux avec |, code entre ```. Les images s’envoient depuis la page des images de la formation.
field-required = À lire pour terminer la formation
field-pass = Réussi à partir de ce pourcentage
field-pass-hint = De la note entière, de 0 à 100.

details-title = Présentation
details-at-once = Cette formation est publiée : les apprenants voient aussitôt ce que vous enregistrez ici.
details-designs = Voir à quoi ressemblent les certificats
conflict-title = Quelqu’un d’autre a enregistré avant vous
conflict-details = Rien de ce que vous avez écrit n’est perdu : tout figure dans le formulaire ci-dessous. Voici ce qui est enregistré maintenant, là où cela diffère. Enregistrez de nouveau pour le remplacer par votre version.
conflict-lesson = Rien n’est perdu : votre texte figure dans le formulaire ci-dessous, l’autre est ici.
conflict-theirs = Ce qui est enregistré maintenant
conflict-yours = Reprenez dans votre texte ce que vous voulez en garder, puis enregistrez : votre version remplacera l’autre.

done-created = La formation est créée.
done-saved = Enregistré.
done-draft = Enregistré comme brouillon : les apprenants voient l’ancien texte jusqu’à la publication.
done-discarded = Le brouillon est abandonné.
done-published = Publié. Les autres pages suivent dans un instant : Mes formations, recherche, quiz, notifications.
done-withdrawn = Retirée. Les autres pages suivent dans un instant.
done-added = Ajouté.
done-moved = Déplacé.
done-deleted = Supprimé.
done-handed-over = La formation est transmise. Les autres pages suivent dans un instant.
done-hidden = La leçon est de nouveau un brouillon.
done-imported = Importé. Les questions sont en cours de lecture et apparaîtront dans un instant dans la banque de questions, avec celles qui ont été refusées.

publish-course = Publier…
publish-changes = Publier les modifications…
course-view = Voir comme un apprenant
course-at-once = Cette formation est publiée. Ce que vous changez dans la présentation, les sections, leur ordre et les quiz, les apprenants le voient aussitôt ; de même quand une leçon est supprimée ou repassée en brouillon. Les nouvelles leçons et ce que vous modifiez dans une leçon attendent que vous les publiiez.
course-delete = Supprimer la formation
course-delete-title = Supprimer la formation ?
course-delete-all = Sa présentation, ses sections, ses leçons, ses brouillons et ses images sont supprimés définitivement.
course-delete-learners = Elle n’a jamais été publiée : aucun apprenant ne l’a vue.
course-delete-questions = Les questions écrites pour ses quiz restent dans la banque de questions : une nouvelle formation avec la même clé les retrouve.
course-withdrawn = Cette formation est retirée : personne ne la trouve tant que vous ne la publiez pas de nouveau.
instructor-named = Formateur : { $name }
instructor-none = Pas de formateur : tout formateur peut la modifier
instructor-erased = Formateur : un compte qui a été effacé
instructor-awaited = Formateur : une personne dont le nom n’est pas encore arrivé ici
hand-over = Transmettre
hand-over-title = Transmettre la formation
hand-over-confirm = Transmettre la formation ?
hand-over-mail = Adresse électronique de la personne qui doit l’enseigner
hand-over-mail-hint = D’un formateur ou d’un administrateur qui a un compte ici.
hand-over-look = Continuer
hand-over-lead = La formation « { $title } », à { $name } ({ $mail }).
hand-over-given = Cette personne pourra la modifier et la publier, voir qui la suit et où chacun en est, écrire à ces apprenants et corriger leurs rédactions.
hand-over-yours = Vous perdez tout cela. Seuls cette personne ou un administrateur peuvent vous la rendre.
hand-over-theirs = Tout autre formateur qui pouvait le faire le perd. Les administrateurs le gardent.
hand-over-mailed = Personne ne reçoit de courriel : prévenez cette personne vous-même. Les apprenants ne remarquent rien.
withdraw = Retirer
outline-empty = Commencez par une section, puis ajoutez-y des leçons.
section-add = Ajouter une section
section-title = Titre de la section
section-rename = Renommer la section
section-up = Monter la section
section-down = Descendre la section
section-delete = Supprimer la section
section-empty = Cette section est encore vide.
lesson-add = Ajouter une leçon
lesson-add-lead = Elle commence comme un brouillon, à la fin de la section
lesson-create = Créer la leçon
lesson-title = Titre de la leçon
lesson-changed = Modifiée, non publiée
lesson-ready = Visible dès la publication de la formation
lesson-has-draft = Les apprenants voient le texte publié. Ce que vous modifiez ici est un brouillon, qu’ils verront quand vous le publierez.
lesson-is-shown = Les apprenants voient cette leçon. Ce que vous modifiez reste un brouillon jusqu’à la publication.
lesson-outdated = La leçon publiée a changé après le début de ce brouillon. Comparez-le à ce que voient les apprenants, puis enregistrez de nouveau le brouillon.
save-draft = Enregistrer le brouillon
save-publish = Enregistrer et publier…
preview = Aperçu
preview-title = Aperçu
preview-unsaved = Pas encore enregistré.
discard = Abandonner le brouillon
discard-title = Abandonner le brouillon ?
discard-lead = De la leçon « { $title } ».
discard-text = Ce qui a été modifié sans être publié est supprimé. Les apprenants gardent ce qu’ils voient maintenant.
hide = Repasser en brouillon
hide-title = Repasser la leçon en brouillon ?
hide-text = Son texte reste, et vous pourrez la publier de nouveau ; personne ne recevra alors de courriel.
lesson-delete-title = Supprimer la leçon ?
lesson-delete-lead = La leçon « { $title } ».
lesson-delete-text = Son texte est supprimé définitivement.
lesson-delete-learners = Les apprenants ne la trouvent plus ; elle n’est plus exigée pour terminer la formation.
lesson-delete-copies = Mes formations, la recherche et les notifications en sont informées dans un instant.

quiz-place = Placer un quiz
quiz-edit = Quiz
quiz-at-once = Cette formation est publiée : les apprenants voient aussitôt ce que vous enregistrez ici. Un quiz à réussir est exigé de toutes les personnes qui suivent la formation, même tant qu’il n’a pas de questions, et personne ne peut alors la terminer. Écrivez d’abord ses questions dans la banque de questions.
quiz-lead = Ici, vous dites où se trouve un quiz et ce qu’il faut pour le réussir. Ses questions s’écrivent dans la banque de questions.
quiz-questions = Questions de ce quiz
quiz-where = Où il se trouve
quiz-after = Après « { $title } »
quiz-at-end = À la fin de la formation
quiz-required = À réussir pour terminer la formation
quiz-key-hint = Pour placer un quiz qui est déjà dans la banque de questions, écrivez sa clé. Sinon, laissez ce champ vide.
quiz-remove = Retirer de la formation
quiz-remove-title = Retirer le quiz de la formation ?
quiz-remove-lead = Le quiz « { $title } ».
quiz-remove-course = Les apprenants ne le trouvent plus dans la formation ; il n’est plus exigé pour la terminer.
quiz-remove-questions = Ses questions, les tentatives et les notes restent dans la banque de questions et les résultats.

images-title = Images
images-lead = Les images que montrent les leçons de cette formation. Pour en montrer une, copiez sa ligne dans le texte de la leçon.
images-there = Images de cette formation
images-none = Il n’y a pas encore d’image.
images-older = Images plus anciennes
images-insert = Images de cette formation
images-insert-hint = Copiez une ligne dans le texte pour y montrer l’image.
unused-title = Images qu’aucune leçon ne montre
unused-lead = Ni une leçon de cette formation, ni un brouillon, ni son résumé ne montre ces images. Celles qui ont été envoyées depuis moins d’un jour n’y figurent pas.
unused-elsewhere = Les questions des quiz et les messages peuvent pourtant en montrer, ce que l’on ne sait pas ici : décochez-les alors. À la place d’une image supprimée s’affiche sa description.
unused-none = Il n’y en a pas : chaque image est montrée, ou a été envoyée depuis moins d’un jour.
unused-nothing = Aucune image n’est cochée ; rien n’a donc été supprimé.
unused-delete = Supprimer les images cochées
image-send = Envoyer une image
image-file = Fichier
image-file-hint = PNG, JPEG, GIF ou WebP, { $size } au plus.
image-description = Description
image-description-hint = Ce qu’elle montre, en quelques mots, pour les personnes qui ne la voient pas.
image-write = À copier dans une leçon
image-delete-title = Supprimer l’image ?
image-delete-lessons = Les leçons qui la montrent afficheront sa description à la place.

publish-title = Publier
publish-which = Leçons à publier
publish-initial = Publiée avec la formation : personne n’est prévenu.
publish-new = Nouvelle : toutes les personnes inscrites avant maintenant sont prévenues, comme chacune le souhaite (courriel, notification, messagerie).
publish-changed = Modifiée : les apprenants voient le nouveau texte, et personne ne reçoit de courriel.
publish-again = De retour : les apprenants la voient, et personne ne reçoit de courriel.
publish-outdated = Ce brouillon part d’un texte plus ancien : relisez-le et enregistrez-le d’abord.
publish-look = La relire
publish-tells = Ce que la publication annonce, et à qui
publish-tells-catalogue = Tout le monde trouve la formation dans le catalogue et peut s’y inscrire.
publish-tells-nobody = Personne ne reçoit de courriel : personne n’est encore inscrit.
publish-tells-no-mail = Personne ne reçoit de courriel.
publish-tells-enrolled = { $count ->
    [one] Toutes les personnes inscrites avant maintenant sont prévenues de la nouvelle leçon, comme chacune le souhaite (courriel, notification, messagerie).
   *[other] Toutes les personnes inscrites avant maintenant sont prévenues de { $count } nouvelles leçons, comme chacune le souhaite (courriel, notification, messagerie).
}
publish-tells-course = Mes formations, les quiz, les certificats, les notifications et la recherche reprennent la formation telle qu’elle est maintenant.
publish-tells-lessons = La recherche et les notifications reprennent les leçons.
publish-tells-hint = Voilà ce qui est annoncé avec les leçons cochées à l’affichage de la page. Après en avoir coché d’autres, regardez de nouveau.
publish-look-again = Regarder avec ces choix
publish-now = Publier
publish-overtaken = Modifiée depuis que vous l’avez cochée.
publish-none = Aucune leçon n’est cochée ; rien n’a donc été publié.
publish-stale = Quelque chose a changé depuis que vous avez ouvert cette page ; rien n’a donc été publié. Regardez de nouveau.
publish-nothing = Tout est publié : il n’y a rien de nouveau à montrer.
withdraw-title = Retirer la formation ?
withdraw-lead = La formation « { $title } ».
withdraw-catalogue = Elle disparaît du catalogue et de la recherche, et plus personne ne peut s’inscrire.
withdraw-enrolled = Les personnes inscrites gardent ce qu’elles ont fait, mais ne trouvent plus ses leçons tant que vous ne la publiez pas de nouveau.
withdraw-certificates = Les certificats délivrés restent valables.
withdraw-copies = Mes formations, les quiz, les certificats, les notifications et la recherche en sont informés dans un instant.

import-title = Importer des fichiers
import-lead = Les fichiers deviennent une nouvelle formation, ou mettent à jour celle qui a la même clé. Vous voyez ce qui changerait avant que cela soit fait.
import-into = Les fichiers mettent à jour cette formation :
import-files = Fichiers
import-files-hint = Une archive ZIP du dossier de la formation, ou tous ses fichiers à la fois ; { $size } au plus.
import-course-title-hint = Utile seulement pour des fichiers envoyés sans dossier ni course.toml : la clé de la formation est tirée de ce titre. S’il manque, la formation prend celui de sa première leçon.
import-read = Lire les fichiers
import-no-file = Choisissez un ou plusieurs fichiers.
import-too-large = Ces fichiers dépassent { $size } au total : envoyez-en moins à la fois.
import-wrong = Ces fichiers ne peuvent pas être importés tels quels : ce qu’il faut corriger est listé sous le formulaire.
import-to-correct = À corriger
import-wrong-lead = Rien n’a été modifié. Corrigez ce qui est listé ici, puis envoyez de nouveau les fichiers.
import-more = { $count ->
    [one] Et { $count } autre.
   *[other] Et { $count } autres.
}
import-format = Ce qui est lu
import-format-toml = course.toml : clé, langue, titre, sections avec leurs leçons, quiz. Les quiz, les sections et les leçons ajoutés ici restent.
import-format-lessons = lessons/*.md : une leçon chacun, en Markdown, avec « title: » et « minutes: » au début.
import-format-gift = *.gift : les questions d’un quiz. Elles vont à la banque de questions, qui liste celles qu’elle refuse, ligne par ligne.
import-format-images = Les images PNG, JPEG, GIF et WebP que montrent les leçons.
import-format-bare = Sans course.toml, chaque fichier Markdown qui a un titre devient une leçon. La présentation et les quiz d’une formation existante restent tels quels.
import-plan-title = Ce que l’import changerait
import-plan-new = Une nouvelle formation, comme brouillon à vous :
import-plan-existing = Une formation existante :
import-plan-details = Présentation
import-details-same = Les fichiers ne changent rien à la présentation.
import-sections = Sections
import-empty = (vide)
import-plan-quizzes = Quiz
import-plan-lessons = Leçons
import-plan-rest = Et aussi
import-added = { $count ->
    [0] Aucune leçon ajoutée
    [one] { $count } leçon ajoutée
   *[other] { $count } leçons ajoutées
}
import-changed = { $count ->
    [0] Aucune leçon modifiée
    [one] { $count } leçon modifiée
   *[other] { $count } leçons modifiées
}
import-removed = { $count ->
    [0] Aucune leçon retirée
    [one] { $count } leçon retirée
   *[other] { $count } leçons retirées
}
import-quiz-added = { $count ->
    [0] Aucun quiz ajouté
    [one] { $count } quiz ajouté
   *[other] { $count } quiz ajoutés
}
import-quiz-changed = { $count ->
    [0] Aucun quiz modifié
    [one] { $count } quiz modifié
   *[other] { $count } quiz modifiés
}
import-quiz-removed = { $count ->
    [0] Aucun quiz retiré
    [one] { $count } quiz retiré
   *[other] { $count } quiz retirés
}
import-images = { $count ->
    [0] Aucune image
    [one] { $count } image
   *[other] { $count } images
}
import-questions = Les questions sont remises à la banque de questions à partir de
import-at-once = La formation est publiée : les apprenants voient aussitôt les changements.
import-as-draft = Cela ne publie pas la formation : vous le ferez ensuite.
import-lost = Les leçons venues de fichiers précédents et absentes de ceux-ci sont supprimées définitivement, avec leurs textes.
import-lost-drafts = { $count ->
    [one] Avec elles disparaît { $count } modification non publiée.
   *[other] Avec elles disparaissent { $count } modifications non publiées.
}
import-waits = Sans décision, ce qui a été envoyé est supprimé au bout de { $days } jours.
import-left-out = Laissé de côté
import-do = Importer
import-discard = Abandonner
